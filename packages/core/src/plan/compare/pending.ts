// Lists earlier changes that a running guest has not applied yet: from Proxmox's pending list, and for cloud-init.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Change } from '../change/change.ts'
import { type Affected, describeChange } from './describe-change.ts'

/** Returns the changes that wait for a restart, then those that wait for a boot. */
export function pendingChanges(guest: GuestFacts, affected: Affected): readonly Change[] {
  if (guest.status === 'stopped') return []
  return [...waitingForRestart(guest, affected), ...waitingForBoot(guest, affected)]
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
 * process, although the guest has read nothing.
 */
function waitingForBoot(guest: GuestFacts, affected: Affected): readonly Change[] {
  const keys = awaitedKeys(guest)
  if (keys.length === 0) return []
  const values = Object.entries(guest.config)
    .filter(([key]) => CLOUD_INIT.test(key))
    .flatMap(([key, value]) => describeChange({ key, before: undefined, after: String(value) }, affected))
  return keys.map((key) => {
    const after = values.find((change) => change.key === key)?.after
    return { key, ...(after !== undefined && { after }), when: 'boot', impact: 'new-instance' }
  })
}

/** Returns the keys that a running guest has not read, or may not have read. */
export function awaitedKeys({ marker, status, node, pid }: GuestFacts): readonly string[] {
  const [, at, process, keys] = /^([^/]+)\/(\d+) (.+)$/.exec(marker.awaits ?? '') ?? []
  if (keys === undefined || status !== 'running') return []
  const isAnother = at === node && pid !== undefined && pid !== Number(process)
  return isAnother ? [] : keys.split(',')
}

/** Returns the marker's `awaits` value for these keys, or undefined if there are none or the process id is unknown. */
export function awaitsOf(
  { node, pid, status }: Pick<GuestFacts, 'node' | 'pid' | 'status'>,
  keys: readonly string[],
): string | undefined {
  if (keys.length === 0 || pid === undefined || status !== 'running') return undefined
  return `${node}/${pid} ${[...new Set(keys)].sort().join(',')}`
}
