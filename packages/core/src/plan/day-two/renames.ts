// Finds machines that were probably renamed: a new one is like one that the manifest no longer names.
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import { compareMachine } from '../compare/compare-machine.ts'
import { parseNetworkCard } from '../config/property-string.ts'
import type { Orphan, PlannedMachine } from '../plan.ts'

interface Looked {
  readonly desired: Desired
  readonly facts: Facts
  readonly orphans: readonly Orphan[]
}

/** The limit keeps plans of many machines fast. */
const MOST_COMPARISONS = 500

/** Returns one note for each entry that was probably renamed. */
export function renameNotes(
  planned: readonly PlannedMachine[],
  { desired, facts, orphans }: Looked,
): readonly string[] {
  const fresh = new Set(planned.flatMap(({ name, action }) => (action === 'create' ? [name] : [])))
  if (fresh.size === 0 || orphans.length === 0) return []
  const ids = new Set(orphans.map(({ vmid }) => vmid))
  const free = facts.guests.filter(({ vmid, template }) => ids.has(vmid) && !template)
  const found = new Map<string, GuestFacts>()
  let left = MOST_COMPARISONS
  for (const machine of desired.machines) {
    if (!fresh.has(machine.name) || found.has(machine.entry)) continue
    const candidates = free.filter((guest) => formerName(machine, guest) !== undefined && mayBe(machine, guest))
    const guest = candidates.slice(0, left).find((one) => isAlike(machine, one, desired.project))
    left -= Math.min(candidates.length, left)
    if (guest === undefined) continue
    found.set(machine.entry, guest)
    free.splice(free.indexOf(guest), 1)
  }
  return [...found].map(([entry, guest]) => sentence(entry, guest, desired))
}

function sentence(entry: string, guest: GuestFacts, { machines }: Desired): string {
  const machine = machines.find((one) => one.entry === entry)
  const former = machine === undefined ? guest.marker.name : formerName(machine, guest)
  const { vmid, node, marker } = guest
  return `${marker.name} (${vmid} on ${node}) is no longer in the manifest, and ${machine?.name ?? entry} is new and identical. If you renamed it, set \`renamedFrom: ${former}\` in ${entry}; otherwise a new machine is created.`
}

/** The former name of the entry. For `www-2` and the guest `web-2` it is `web`. */
function formerName({ name, entry, index }: Machine, { marker }: GuestFacts): string | undefined {
  if (name === entry) return marker.name
  const end = `-${index}`
  return marker.name.endsWith(end) ? marker.name.slice(0, -end.length) : undefined
}

/** A quick check before the comparison. */
function mayBe(machine: Machine, guest: GuestFacts): boolean {
  const { marker, config, node } = guest
  const isSameSize =
    Number(config.memory ?? 512) === machine.memory.memoryMiB && Number(config.cores ?? 1) === machine.cpu.cores
  return marker.image === machine.image && machine.nodes.includes(node) && (isSameSize || sharesMac(machine, guest))
}

/** Whether only the name and cloud-init's settings would change. */
function isAlike(machine: Machine, guest: GuestFacts, project: string): boolean {
  if (sharesMac(machine, guest)) return true
  const renamed: GuestFacts = {
    ...guest,
    name: machine.name,
    marker: { ...guest.marker, name: machine.name },
    config: { ...guest.config, name: machine.name },
  }
  const { changes, problem } = compareMachine(machine, renamed, { project })
  return problem === undefined && changes.every(({ key }) => key === 'name' || key.startsWith('cloudInit'))
}

function sharesMac({ networks }: Machine, { config }: GuestFacts): boolean {
  return networks.some(({ mac }, index) => {
    const has = config[`net${index}`]
    return mac !== undefined && has !== undefined && parseNetworkCard(has).get('macaddr')?.toUpperCase() === mac
  })
}
