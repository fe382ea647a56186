// From steps to a plan: what is sure to fail, what is worth knowing, and the digest of it all.
import type { Facts } from '../facts/facts.ts'
import type { Desired, Position } from '../manifest/manifest.ts'
import type { Verdict } from './compare/compare-machine.ts'
import { specHash } from './compare/spec-hash.ts'
import { digestOf } from './digest.ts'
import type { Plan } from './plan.ts'
import { machineNotes, orphanNotes } from './plan-notes.ts'
import { findProblems } from './preflight/preflight.ts'
import { type Problem, problemOfStep, uniqueProblems } from './problem.ts'
import type { Step } from './step.ts'

export interface Draft extends Pick<Plan, 'steps' | 'machines' | 'orphans' | 'notes'> {
  readonly verdicts?: ReadonlyMap<string, Verdict>
}

/** Checks a draft once, and sums it up. */
export function completePlan(
  { verdicts = new Map(), ...draft }: Draft,
  { desired, facts }: { readonly desired: Desired; readonly facts: Facts },
): Plan {
  const { steps, machines, orphans } = draft
  const byName = new Map(desired.machines.map((machine) => [machine.name, machine]))
  const specOf = (name: string) => {
    const machine = byName.get(name)
    return machine === undefined ? '' : specHash(machine, desired.project)
  }
  return {
    ...draft,
    problems: uniqueProblems([...findProblems({ desired, facts, steps, verdicts }), ...stepProblems(steps, desired)]),
    notes: [...machineNotes(machines), ...draft.notes, ...orphanNotes(orphans, desired.project)],
    digest: digestOf({ machines, steps, specOf }),
  }
}

function stepProblems(steps: readonly Step[], desired: Desired): readonly Problem[] {
  return steps.flatMap((step) =>
    step.problem === undefined ? [] : [problemOfStep(step.id, step.problem, positionOf(step, desired))],
  )
}

function positionOf(step: Step, { machines, images }: Desired): Position | undefined {
  if ('image' in step) return images.get(step.image)?.position
  const name = 'machine' in step ? step.machine : undefined
  return machines.find((machine) => machine.name === name)?.position
}
