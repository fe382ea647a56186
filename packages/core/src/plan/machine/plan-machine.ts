// Plans one machine: no change, changes in place, or its creation with everything that it needs.

import { retiredName } from '../../facts/cluster/retired.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { planReplacement } from '../day-two/plan-replacement.ts'
import type { PlannedMachine } from '../plan.ts'
import { duplicateProblem, reachProblem } from '../problems/id-problems.ts'
import type { MachinePlanner } from './machine-planner.ts'
import { planExisting } from './plan-existing.ts'
import { planImpossible } from './plan-impossible.ts'
import { halfReplaced, planRenamed, renamedGuests } from './plan-renamed.ts'
import { planNewOrImpossible, planReplaced } from './plan-replaced.ts'

/** Adds a machine's steps and returns what will happen to it. */
export function planMachine(machine: Machine, planner: MachinePlanner): PlannedMachine {
  const own = planner.guests.get(machine.name) ?? []
  const [retired] = planner.guests.get(retiredName(machine.name)) ?? []
  if (retired !== undefined) return planReplacement(machine, { old: retired, isBegun: true, why: '' }, planner)
  const half = own.length === 0 ? halfReplaced(machine, planner) : undefined
  if (half !== undefined) return planImpossible(machine, planner, [half])
  const former = own.length === 0 ? renamedGuests(machine, planner) : []
  for (const found of [own, former])
    if (found.length > 1)
      return planImpossible(machine, planner, [duplicateProblem(found[0]?.marker.name ?? machine.name, found)])
  const [renamed] = former
  if (renamed !== undefined) return planRenamed(machine, renamed, planner)
  const [guest] = own
  const outOfReach = guest === undefined ? reachProblem(machine, planner) : undefined
  if (outOfReach !== undefined) return planImpossible(machine, planner, [outOfReach])
  if (guest === undefined) return planNewOrImpossible(machine, planner)
  return planner.replaced.has(machine.name)
    ? planReplaced(machine, guest, planner)
    : planExisting(machine, guest, planner)
}
