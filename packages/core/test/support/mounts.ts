// Small and read-only disks need a mount of their own, which Linux gives to a process that asks for it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Why there can be none here; undefined where there can. */
export const NO_MOUNTS = process.platform === 'linux' ? await whyNot() : 'only Linux has unshare'

async function whyNot(): Promise<string | undefined> {
  const [code] = (await once(
    spawn('unshare', ['-rm', 'true'], { stdio: 'ignore' }).on('error', () => undefined),
    'close',
  )) as [number]
  return code === 0 ? undefined : 'unshare is not permitted here'
}

/** Program and arguments that run `command` with a file system in memory on `folder`. */
export function withDisk(folder: string, options: string, command: readonly string[]): [string, readonly string[]] {
  const script = `mount -t tmpfs -o ${options} none "$1" && shift && exec "$@"`
  return ['unshare', ['-rm', 'sh', '-c', script, 'sh', folder, ...command]]
}
