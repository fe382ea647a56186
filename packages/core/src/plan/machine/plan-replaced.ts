// Plans a machine that is replaced because its name was given, or that does not exist.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { planReplacement } from '../day-two/plan-replacement.ts'
import type { PlannedMachine } from '../plan.ts'
import type { MachinePlanner } from './machine-planner.ts'
import { planImpossible } from './plan-impossible.ts'
import { planNew } from './plan-new.ts'

/** Plans the replacement of a VM. With a fixed id, the old VM is destroyed first. */
export function planReplaced(machine: Machine, guest: GuestFacts, planner: MachinePlanner): PlannedMachine {
  if (machine.vmid === undefined)
    return planReplacement(machine, { old: guest, isBegun: false, why: `replaces ${guest.vmid}` }, planner)
  return planNewOrImpossible(machine, planner, guest)
}

/** Plans a machine that does not exist, or whose VM is destroyed first. */
export function planNewOrImpossible(machine: Machine, planner: MachinePlanner, replaced?: GuestFacts): PlannedMachine {
  const planned = planNew(machine, planner, replaced)
  return 'problems' in planned ? planImpossible(machine, planner, planned.problems) : planned
}
