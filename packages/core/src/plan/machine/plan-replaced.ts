// Plans a machine that is replaced because its name was given, and a machine that cannot be planned.

import type { ProvisionError } from '../../errors.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { planReplacement } from '../day-two/plan-replacement.ts'
import type { PlannedMachine } from '../plan.ts'
import { type MachinePlanner, problemOf } from './machine-planner.ts'
import { planNew } from './plan-new.ts'
import { planStart } from './start-steps.ts'

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

/** Plans nothing for this machine. Others continue. */
export function planImpossible(
  machine: Machine,
  planner: MachinePlanner,
  problems: readonly ProvisionError[],
): PlannedMachine {
  const { add, node } = planner
  const create = add({
    id: `create:${machine.name}`,
    kind: 'create',
    machine: machine.name,
    node,
    action: 'run',
    why: problems[0]?.message ?? '',
    needs: [],
    templateFrom: '',
    linked: false,
    base: '',
    lanes: [],
    ...problemOf(problems),
  })
  planner.report(create, problems)
  if (machine.start) planStart(machine, planner, { createFrom: create })
  return { name: machine.name, node, action: 'blocked', changes: [] }
}
