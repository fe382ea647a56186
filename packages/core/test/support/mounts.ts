// Small and read-only disks need their own mount, which Linux allows in a user namespace.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Why mounts are not possible here. Undefined if they are. */
export const NO_MOUNTS = process.platform === 'linux' ? await whyNot() : 'only Linux has unshare'

async function whyNot(): Promise<string | undefined> {
  const [code] = (await once(
    spawn('unshare', ['-rm', 'true'], { stdio: 'ignore' }).on('error', () => undefined),
    'close',
  )) as [number]
  return code === 0 ? undefined : 'unshare is not permitted here'
}

/** Returns program and arguments that run `command` with an in-memory file system at `folder`. */
export function withDisk(folder: string, options: string, command: readonly string[]): [string, readonly string[]] {
  const script = `mount -t tmpfs -o ${options} none "$1" && shift && exec "$@"`
  return ['unshare', ['-rm', 'sh', '-c', script, 'sh', folder, ...command]]
}
