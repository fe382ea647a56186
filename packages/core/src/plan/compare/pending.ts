// Lists earlier changes that a running guest has not applied yet: from Proxmox's pending list, and for cloud-init.
import type { GuestFacts } from '../../facts/facts.ts'
import { diskKeys, serialOfDrive } from '../../manifest/machine-disks.ts'
import type { Change } from '../change/change.ts'
import { isUnlisted } from '../change/effects.ts'
import { type Affected, describeChange } from './describe-change.ts'
import { placeOfDrive } from './drive-words.ts'

/** Returns the changes that wait for a restart, then those that wait for a boot. */
export function pendingChanges(guest: GuestFacts, affected: Affected): readonly Change[] {
  if (guest.status === 'stopped') return []
  // Proxmox lists them in another order each time.
  const listed = waitingForRestart(guest, affected).toSorted((one, other) => (one.key < other.key ? -1 : 1))
  const known = new Set(listed.map(({ key }) => key))
  return [...listed, ...unlistedChanges(guest, affected).filter(({ key }) => !known.has(key))]
}

function waitingForRestart({ pending = [] }: GuestFacts, affected: Affected): readonly Change[] {
  return pending.flatMap(({ key, value, after }) => {
    const described = describeChange({ key, before: value, after: after ?? null }, affected)
    const raw = { key, ...(value !== undefined && { before: value }), ...(after !== undefined && { after }) }
    return (described.length > 0 ? described : [raw]).map(({ key, before, after }): Change => {
      return { key, ...(before !== undefined && { before }), ...(after !== undefined && { after }), when: 'restart' }
    })
  })
}

const CLOUD_INIT = /^(ciuser|cipassword|sshkeys|ipconfig\d+|nameserver|searchdomain|ciupgrade|ide2|name)$/

/**
 * Proxmox has no complete list of what the guest's cloud-init has not read. So the marker stores the process id at the
 * time of the change. Each start writes the drive again and creates a new process. A live migration also creates a new
 * process, although the guest has read nothing: `--move` then names the new one. After a migration by someone else, a
 * boot is recognized only if the guest agent answers, or by the next apply that changes the machine. The same applies to values that Proxmox stores at once and QEMU reads
 * only when it starts. Only the guest itself knows of a reboot from inside. It is asked in `observe-boots.ts`.
 */
function unlistedChanges(guest: GuestFacts, affected: Affected): readonly Change[] {
  const keys = awaitedKeys(guest)
  if (keys.length === 0) return []
  const values = Object.entries(guest.config)
    .filter(([key]) => CLOUD_INIT.test(key))
    .flatMap(([key, value]) => describeChange({ key, before: undefined, after: String(value) }, affected))
  return keys.flatMap((entry): readonly Change[] => {
    const [key = '', before] = entry.split('=')
    if (isUnlisted(key)) return serialChange(key, before, { guest, affected })
    const after = values.find((change) => change.key === key)?.after
    return [{ key, ...(after !== undefined && { after }), when: 'boot', impact: 'new-instance' }]
  })
}

/** Returns the change from the value of the running process. Empty if the value is the same again. */
function serialChange(
  key: string,
  before: string | undefined,
  { guest: { config }, affected: { machine } }: { readonly guest: GuestFacts; readonly affected: Affected },
): readonly Change[] {
  const drive = diskKeys(machine, config).find((one) => key === `${placeOfDrive(one, machine, config)}.serial`)
  const after = drive === undefined ? undefined : serialOfDrive(config[drive])
  if (after === before) return []
  return [{ key, ...(before !== undefined && { before }), ...(after !== undefined && { after }), when: 'restart' }]
}

/** Returns a change as the marker stores it, with the value of the running process if nothing else knows it. */
export function awaitedEntry({ key, before }: Pick<Change, 'key' | 'before'>): string {
  return isUnlisted(key) && before !== undefined ? `${key}=${String(before)}` : key
}

/** Returns the keys that a running guest has not read, or may not have read, as `awaitedEntry` writes them. */
export function awaitedKeys({
  marker,
  status,
  node,
  pid,
  hasBooted,
}: Pick<GuestFacts, 'marker' | 'status' | 'node' | 'pid' | 'hasBooted'>): readonly string[] {
  const [, at, process, keys] = /^([^/]+)\/(\d+) (.+)$/.exec(marker.awaits ?? '') ?? []
  if (keys === undefined || status !== 'running') return []
  const isAnother = at === node && pid !== undefined && pid !== Number(process)
  if (isAnother) return []
  const waiting = keys.split(',')
  // A boot of the guest does not start a new process.
  return hasBooted ? waiting.filter((entry) => isUnlisted(entry.split('=', 1)[0] ?? '')) : waiting
}

/** Returns the marker's text for the first entry of each key, or undefined if none waits or the process is unknown. */
export function awaitsOf(
  { node, pid, status }: Pick<GuestFacts, 'node' | 'pid' | 'status'>,
  entries: readonly string[],
): string | undefined {
  if (entries.length === 0 || pid === undefined || status !== 'running') return undefined
  const first = new Map(entries.toReversed().map((entry) => [entry.split('=', 1)[0], entry]))
  return `${node}/${pid} ${[...first.values()].sort().join(',')}`
}
