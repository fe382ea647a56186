// Matches the texts of Proxmox that change what this program does. All other code uses the results of this file.
import type { Method } from '../pve.ts'
import type { FailureClass } from './retry-table.ts'

/** What an error of Proxmox means. It is in `details.problem` of a ProvisionError. */
export type PveProblem =
  | 'already-exists' // the vmid, pool or file is taken
  | 'not-found' // no such VM, storage, task or node
  | 'lock-timeout' // a file or cluster lock was not acquired in time
  | 'no-worker' // the task was not started; a create leaves `lock: create` behind
  | 'vm-locked' // the VM has a `lock:` property
  | 'vm-running'
  | 'vm-stopped'
  | 'digest-mismatch' // the config changed between reading and writing
  | 'checksum-mismatch' // the bytes do not match the given checksum
  | 'file-exists' // download-url does not overwrite; an upload found a file with the same name
  | 'hotplug' // a running VM could not apply a change, so the change is pending
  | 'no-quorum'
  | 'no-space' // the storage is full
  | 'still-running' // a task that this program no longer waits for
  | 'not-managed' // not managed by the HA manager
  | 'already-member' // the pool already contains it
  | 'in-use' // a base volume with linked clones
  | 'vanished' // a volume was removed while Proxmox listed them all
  | 'agent-unavailable'
  | 'agent-refuses' // the guest agent is configured not to do this
  | 'no-such-file' // in the guest
  | 'root-only'
  | 'parameters' // Proxmox refused parameters; `details.errors` says which
  | 'not-implemented' // an older Proxmox, or a wrong path
  | 'other'

// Order matters: `unable to create VM 370 - can't lock file … - got timeout` is about a lock, not about a VM that
// exists.
const texts: readonly (readonly [RegExp, PveProblem])[] = [
  [/hotplug problem - /, 'hotplug'],
  [/can't lock file '.*' - got timeout/, 'lock-timeout'],
  [/got lock request timeout/, 'lock-timeout'],
  [/^trying to acquire (?:cfs )?lock/, 'lock-timeout'],
  [/got no worker upid - start worker failed/, 'no-worker'],
  [/^VM is locked \(|(?:VM|CT) \d+ is locked|^unable to .* - VM is locked \(/, 'vm-locked'],
  [/no quorum/, 'no-quorum'],
  [/file changed? by other user\?/, 'digest-mismatch'],
  [/^checksum mismatch: got '/, 'checksum-mismatch'],
  [/refusing to override existing file|cp: cannot create regular file '.*': File exists/, 'file-exists'],
  [/already exists|config file already exists/, 'already-exists'],
  [/No space left on device|not enough free space \(|insufficient free space/, 'no-space'],
  [/^cannot delete service '.*', not HA managed/, 'not-managed'],
  [/^(?:\d+ )?qemu-img: Could not open '.*: No such file or directory/, 'vanished'],
  [/is already a pool member/, 'already-member'],
  [/is still in use by linked clone/, 'in-use'],
  [/is running - destroy failed|if VM is running|already running/, 'vm-running'],
  [/^VM \d+ (?:is )?not running/, 'vm-stopped'],
  [/^QEMU guest agent is not running|^No QEMU guest agent configured/, 'agent-unavailable'],
  [/\bguest-[\w-]+ has been disabled/, 'agent-refuses'],
  [/Agent error: .*: No such file or directory/, 'no-such-file'],
  [/^only root can set '|^Only root /i, 'root-only'],
  [/does not exist|unable to find configuration file|no such (?:task|cluster node|storage)/i, 'not-found'],
  [/^hostname lookup '.*' failed/, 'not-found'],
]

/** Interprets a text of Proxmox: an error message, the exit status of a task, or the problem of one parameter. */
export function problemOf(text: string): PveProblem {
  return texts.find(([pattern]) => pattern.test(text))?.[1] ?? 'other'
}

/** Returns the digits of `checksum mismatch: got '4f2…' != expect '9ab…'`. */
export function checksumIn(text: string): string | undefined {
  return /^checksum mismatch: got '([0-9a-f]+)'/.exec(text)?.[1]
}

/**
 * To list the VMs of a node or the content of a storage, Proxmox reads each entry. The whole call fails if an entry is
 * removed meanwhile (seen on 8.4 and 9.2 during a destroy).
 */
const LISTS = /^\/nodes\/[^/]+\/(?:qemu|storage\/[^/]+\/content)$/
const UNLISTED = /^Configuration file '.*' does not exist/

interface Question {
  readonly method: Method
  readonly path: string
}

/** Returns the failure class of an answer with this status and text. */
export function failureClassOf(status: number, text: string, { method, path }: Question): FailureClass {
  // 595: pveproxy had no connection to the target node. 596, 597 and 599: it had one and lost the answer.
  if (status === 595) return 'refused'
  if (status >= 596 && status <= 599) return 'gateway'
  if (status === 502 || status === 503 || status === 504) return 'gateway'
  const problem = problemOf(text)
  if (method === 'GET' && LISTS.test(path) && (problem === 'vanished' || UNLISTED.test(text))) return 'vanished'
  if (problem === 'lock-timeout') return 'lock'
  return problem === 'no-worker' ? 'worker' : 'refusal'
}

export interface MissingPermission {
  readonly path: string
  /** Any one of these is enough. */
  readonly privileges: readonly string[]
}

/**
 * Parses `Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)` into path and privileges.
 */
export function missingPermissionOf(text: string): MissingPermission | undefined {
  const [, path, privileges] = /\((\/[^,()]*), ([A-Za-z.|, ]+)\)/.exec(text) ?? []
  return path && privileges ? { path, privileges: privileges.split(/[|, ]+/) } : undefined
}

/** Returns the name of the lock in `VM is locked (backup)`. */
export function lockNameOf(text: string): string | undefined {
  return /is locked \(([a-z-]+)\)/.exec(text)?.[1]
}
