// Which process a temporary belongs to, and whether that process is gone.
import { createHash } from 'node:crypto'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { kill, pid } from 'node:process'

/** `host.pid.start`: a process id alone is used again, and means nothing in another container. */
export type Owner = `${string}.${number}.${string}`

let own: Promise<Owner> | undefined

export function currentOwner(): Promise<Owner> {
  own ??= Promise.all([hostId(), startOf(pid)]).then(([host, start]) => `${host}.${pid}.${start}` as const)
  return own
}

/** @param idleMs time without a sign of life, the only evidence about processes on other machines */
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
    // Not ours to signal, but there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Machine, boot and process namespace together: where a process id has a meaning. */
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

/** When a process began, in ticks since boot; `0` where the system does not tell. */
async function startOf(id: number): Promise<string> {
  const text = await readFile(`/proc/${id}/stat`, 'latin1').catch(() => '')
  // The second field is a name in parentheses that may hold anything.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
}
