// Plans the removal of machines that the manifest does not name.
import type { Facts } from '../facts/facts.ts'
import type { Desired } from '../manifest/manifest.ts'
import { destroyStep, guarded } from './destroy-step.ts'
import type { Orphan, PlannedMachine } from './plan.ts'
import type { Step } from './step.ts'

/** Adds a step for each machine and returns what happens to it. */
export function planRemovals(
  orphans: readonly Orphan[],
  { desired, facts, add }: { readonly desired: Desired; readonly facts: Facts; readonly add: (step: Step) => string },
): readonly PlannedMachine[] {
  const guests = new Map(facts.guests.map((guest) => [guest.vmid, guest]))
  return orphans.flatMap(({ name, vmid, node }): readonly PlannedMachine[] => {
    const guest = guests.get(vmid)
    if (guest === undefined) return []
    const step = guarded(destroyStep(guest, 'it is not in the manifest'), guest, desired)
    add({ ...step, id: `destroy:${name}@${vmid}` })
    return [{ name, vmid, node, action: step.problem ? 'blocked' : 'remove', changes: [] }]
  })
}
