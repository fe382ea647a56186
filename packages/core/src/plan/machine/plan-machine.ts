// Plans one machine: no change, changes in place, or its creation with everything that it needs.

import type { ProvisionError } from '../../errors.ts'
import { retiredName } from '../../facts/cluster/retired.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { planReplacement } from '../day-two/plan-replacement.ts'
import type { PlannedMachine } from '../plan.ts'
import { duplicateProblem, reachProblem } from '../problems/id-problems.ts'
import { type MachinePlanner, problemOf } from './machine-planner.ts'
import { planExisting } from './plan-existing.ts'
import { planNew } from './plan-new.ts'
import { planRenamed, renamedGuest } from './plan-renamed.ts'
import { planStart } from './start-steps.ts'

/** Adds a machine's steps and returns what will happen to it. */
export function planMachine(machine: Machine, planner: MachinePlanner): PlannedMachine {
  const own = planner.guests.get(machine.name) ?? []
  const [retired] = planner.guests.get(retiredName(machine.name)) ?? []
  if (retired !== undefined) return planReplacement(machine, { old: retired, isBegun: true, why: '' }, planner)
  const renamed = own.length === 0 ? renamedGuest(machine, planner) : undefined
  if (renamed !== undefined) return planRenamed(machine, renamed, planner)
  const [guest] = own
  if (own.length > 1) return planImpossible(machine, planner, [duplicateProblem(machine.name, own)])
  const outOfReach = guest === undefined ? reachProblem(machine, planner) : undefined
  if (outOfReach !== undefined) return planImpossible(machine, planner, [outOfReach])
  if (guest !== undefined && !planner.replaced.has(machine.name)) return planExisting(machine, guest, planner)
  if (guest !== undefined && machine.vmid === undefined)
    return planReplacement(machine, { old: guest, isBegun: false, why: `replaces ${guest.vmid}` }, planner)
  const planned = planNew(machine, planner, guest)
  return 'problems' in planned ? planImpossible(machine, planner, planned.problems) : planned
}

/** Plans nothing for this machine. Others continue. */
function planImpossible(
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
