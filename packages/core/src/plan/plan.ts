// What a plan is: its steps, what becomes of each machine, what is in the way, and a digest of the changes.
import type { Change, ChangeValue } from './change/change.ts'
import type { Problem } from './problems/problem.ts'
import type { Step } from './step.ts'

export interface Plan {
  /** In an order where every need comes first. */
  readonly steps: readonly Step[]
  /** What becomes of each machine, in the order of the manifest. */
  readonly machines: readonly PlannedMachine[]
  /** Machines of the project that the manifest does not name; they stay. */
  readonly orphans: readonly Orphan[]
  /** What is sure to fail. One without a step keeps an apply from beginning. */
  readonly problems: readonly Problem[]
  /** Worth knowing, and no reason to change anything: one sentence a kind. */
  readonly notes: readonly string[]
  /** `sha256:…` over what would be changed: the same for the same changes, whatever their order and whatever is cached. */
  readonly digest: string
  /** The share of each machine in it. */
  readonly digests?: ReadonlyMap<string, string>
}

export type MachineAction =
  | 'create'
  | 'update'
  | 'replace'
  | 'restart'
  | 'move'
  | 'adopt'
  | 'remove'
  | 'keep'
  | 'blocked'

export interface PlannedMachine {
  readonly name: string
  /** Absent while it is not known: most new machines take theirs as they are made. */
  readonly vmid?: number
  readonly node: string
  readonly action: MachineAction
  /** What is changed in place; empty for one that is made, removed or kept. */
  readonly changes: readonly Change[]
  /** What was changed before, and waits for a restart or a boot. */
  readonly pending?: readonly Change[]
  /** It is made from an older build of its image: 16 hex each. */
  readonly outdated?: { readonly from: string; readonly to: string }
  /** What is not as declared, and stays so. */
  readonly differences?: readonly Difference[]
}

/** Something that is not as the manifest says, and that an apply leaves alone. */
export interface Difference {
  /** The key of the manifest. */
  readonly key: string
  readonly is?: ChangeValue
  readonly declared?: ChangeValue
  /** What would change it. */
  readonly hint: string
}

export interface Orphan {
  readonly name: string
  readonly vmid: number
  readonly node: string
}

/** How many steps would do something, how many cannot (known to fail, or in need of one that is), how many are kept. */
export interface StepCounts {
  readonly changes: number
  readonly impossible: number
  readonly kept: number
}

export type PlannedSteps = Pick<Plan, 'steps'>

/** Steps that cannot be done because another one cannot: the id of that one by theirs. */
export function blockedSteps({ steps }: PlannedSteps): ReadonlyMap<string, string> {
  const causes = new Map<string, string>()
  for (const { id, needs, problem } of steps) {
    const need = needs.find((one) => causes.has(one))
    if (problem !== undefined) causes.set(id, id)
    else if (need !== undefined) causes.set(id, causes.get(need) ?? need)
  }
  return new Map([...causes].filter(([id, cause]) => id !== cause))
}

/** How many steps of a plan would do something, cannot, or are kept. */
export function stepCounts(plan: PlannedSteps): StepCounts {
  const { steps } = plan
  const blocked = blockedSteps(plan)
  const kept = steps.filter(({ action }) => action === 'keep').length
  const impossible = steps.filter(
    ({ id, action, problem }) => action === 'run' && (problem !== undefined || blocked.has(id)),
  ).length
  return { changes: steps.length - kept - impossible, impossible, kept }
}

/** A plan's steps that would do something. */
export function changesIn(plan: PlannedSteps): number {
  return stepCounts(plan).changes
}

/** Whether all is as the manifest says: nothing to do, nothing that stays otherwise, nothing that waits. */
export function isAsDeclared(plan: Plan): boolean {
  return (
    plan.problems.length === 0 &&
    plan.orphans.length === 0 &&
    plan.steps.every(({ action }) => action === 'keep') &&
    plan.machines.every(({ pending = [], differences = [] }) => pending.length + differences.length === 0)
  )
}
