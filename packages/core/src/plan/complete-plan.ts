// Completes a plan from its steps: adds problems, notes and the digest.
import type { ProvisionError } from '../errors.ts'
import type { Facts } from '../facts/facts.ts'
import type { Desired } from '../manifest/manifest.ts'
import type { Verdict } from './compare/compare-machine.ts'
import { specHash } from './compare/spec-hash.ts'
import { digestsOf } from './digest.ts'
import { blockedSteps, type Plan, type PlannedMachine } from './plan.ts'
import { doubtfulImageNotes, machineNotes, orphanNotes } from './plan-notes.ts'
import { findProblems } from './preflight/preflight.ts'
import { type Problem, positionOf, problemOfStep, uniqueProblems } from './problems/problem.ts'
import type { Step } from './step.ts'

export interface FoundProblem {
  readonly step: string
  readonly problem: ProvisionError
}

export interface Draft extends Pick<Plan, 'steps' | 'machines' | 'orphans' | 'notes'> {
  readonly verdicts?: ReadonlyMap<string, Verdict>
  /** Problems of machines. If a step has several, it fails with the first one. */
  readonly found?: readonly FoundProblem[]
}

/** Checks a draft once and completes it. */
export function completePlan(
  { verdicts = new Map(), found = [], ...draft }: Draft,
  { desired, facts }: { readonly desired: Desired; readonly facts: Facts },
): Plan {
  const { steps, orphans } = draft
  const machines = withBlocked(draft)
  const byName = new Map(desired.machines.map((machine) => [machine.name, machine]))
  const specOf = (name: string) => {
    const machine = byName.get(name)
    return machine === undefined ? '' : specHash(machine, desired.project)
  }
  return {
    ...draft,
    machines,
    problems: uniqueProblems([
      ...findProblems({ desired, facts, steps, verdicts }),
      ...stepProblems([...found, ...ownProblems(steps)], { steps, desired }),
    ]),
    notes: [
      ...machineNotes(machines),
      ...doubtfulImageNotes(facts),
      ...draft.notes,
      ...orphanNotes(orphans, desired.project),
    ],
    ...digestsOf({ machines, steps, specOf, nodesOf: (name) => byName.get(name)?.nodes ?? [] }),
  }
}

/** A machine is blocked if its step needs a step that cannot run, such as its image. */
function withBlocked({ steps, machines }: Pick<Draft, 'steps' | 'machines'>): readonly PlannedMachine[] {
  const blocked = blockedSteps({ steps })
  if (blocked.size === 0) return machines
  const names = new Set(steps.flatMap((step) => ('machine' in step && blocked.has(step.id) ? [step.machine] : [])))
  return machines.map((machine) => (names.has(machine.name) ? { ...machine, action: 'blocked' } : machine))
}

function ownProblems(steps: readonly Step[]): readonly FoundProblem[] {
  return steps.flatMap(({ id, problem }) => (problem === undefined ? [] : [{ step: id, problem }]))
}

interface Known {
  readonly steps: readonly Step[]
  readonly desired: Desired
}

function stepProblems(found: readonly FoundProblem[], { steps, desired }: Known): readonly Problem[] {
  if (found.length === 0) return []
  const byId = new Map(steps.map((step) => [step.id, step]))
  const machines = new Map(desired.machines.map((machine) => [machine.name, machine]))
  return found.map(({ step, problem }) => {
    const at = byId.get(step)
    const machine = at !== undefined && 'machine' in at ? machines.get(at.machine) : undefined
    const image = at !== undefined && 'image' in at ? desired.images.get(at.image) : undefined
    const { key } = problem.details
    return problemOfStep(step, problem, machine ? positionOf(machine, key) : image?.position)
  })
}
