// Plans a machine whose name changed in the manifest: renames it in place, then changes it like any other.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { Change } from '../change/change.ts'
import { awaitedKeys, awaitsOf } from '../compare/pending.ts'
import { firstBootChange } from '../first-boot/first-boot-change.ts'
import type { PlannedMachine } from '../plan.ts'
import type { MachinePlanner } from './machine-planner.ts'
import { planExisting } from './plan-existing.ts'

/** Returns the guest with the former name of a machine, or undefined if another entry has that name. */
export function renamedGuest(
  { renamedFrom }: Machine,
  { desired, guests }: Pick<MachinePlanner, 'desired' | 'guests'>,
): GuestFacts | undefined {
  if (renamedFrom === undefined || desired.machines.some(({ name }) => name === renamedFrom)) return undefined
  const [guest, ...others] = guests.get(renamedFrom) ?? []
  return others.length === 0 ? guest : undefined
}

export function planRenamed(machine: Machine, guest: GuestFacts, planner: MachinePlanner): PlannedMachine {
  const { vmid, node, marker, config } = guest
  const rename = planner.add({
    id: `rename:${machine.name}`,
    kind: 'rename',
    machine: machine.name,
    from: marker.name,
    vmid,
    node,
    action: 'run',
    why: `renamed in the manifest, was ${marker.name} (${vmid} on ${node})`,
    needs: [],
    lanes: [`node:${node}`],
  })
  const told = firstBootChange({ set: { name: machine.name }, remove: [] }, config)
  const awaits = told && awaitsOf(guest, [...awaitedKeys(guest), 'name'])
  const after: GuestFacts = {
    ...guest,
    name: machine.name,
    marker: { ...marker, name: machine.name, ...(awaits !== undefined && { awaits }) },
    config: { ...config, name: machine.name },
  }
  const planned = planExisting(machine, after, { ...planner, after: [rename] })
  const effect =
    told === undefined ? { when: 'now' as const } : { when: told.when, ...(told.impact && { impact: told.impact }) }
  const change: Change = { key: 'name', before: marker.name, after: machine.name, ...effect }
  const action = planned.action === 'keep' ? 'update' : planned.action
  const { pending = [], ...rest } = planned
  // It waits for the boot only after this run, and is among the changes.
  const earlier = pending.filter(({ key }) => key !== 'name')
  return { ...rest, action, changes: [change, ...planned.changes], ...(earlier.length > 0 && { pending: earlier }) }
}
