// Identifies the process that owns a temporary file, and detects if that process is gone.
import { createHash } from 'node:crypto'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { kill, pid } from 'node:process'

/** `host.pid.start`. A process id alone is reused, and has no meaning in another container. */
export type Owner = `${string}.${number}.${string}`

let own: Promise<Owner> | undefined

export function currentOwner(): Promise<Owner> {
  own ??= Promise.all([hostId(), startOf(pid)]).then(([host, start]) => `${host}.${pid}.${start}` as const)
  return own
}

/**
 * Returns true if the process is gone.
 * @param idleMs time without a sign of life, the only evidence about processes on other hosts
 */
export async function isGone(
  owner: string,
  { idleMs, limitMs }: { readonly idleMs: number; readonly limitMs: number },
): Promise<boolean> {
  const [host = '', process = '', start = ''] = owner.split('.')
  if (host !== (await hostId())) return idleMs > limitMs
  const id = Number(process)
  return !Number.isSafeInteger(id) || id <= 0 || !isAlive(id) || (await startOf(id)) !== start
}

function isAlive(id: number): boolean {
  try {
    return kill(id, 0)
  } catch (error) {
    // The process exists, but belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Identifies host, boot and process namespace together: the scope in which a process id is valid. */
async function hostId(): Promise<string> {
  const parts = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ])
  return createHash('sha256')
    .update([hostname(), ...parts].join('\n'))
    .digest('hex')
    .slice(0, 12)
}

/** The start time of a process, in ticks since boot, or `0` if the system does not report it. */
async function startOf(id: number): Promise<string> {
  const text = await readFile(`/proc/${id}/stat`, 'latin1').catch(() => '')
  // The second field is a name in parentheses that may contain anything.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
}
