// A plan: its steps, what happens to each machine, its problems, and a digest of the changes.
import type { Change, ChangeValue } from './change/change.ts'
import type { Problem } from './problems/problem.ts'
import type { Step } from './step.ts'

/** What an apply would do: steps, machines, problems and notes. */
export interface Plan {
  /** In an order in which every step follows the steps that it needs. */
  readonly steps: readonly Step[]
  /** What happens to each machine, in the order of the manifest. */
  readonly machines: readonly PlannedMachine[]
  /** Machines of the project that are not in the manifest. They are left alone. */
  readonly orphans: readonly Orphan[]
  /** What will certainly fail. A problem without a step prevents an apply from starting. */
  readonly problems: readonly Problem[]
  /** Information without a change: one sentence for each kind. */
  readonly notes: readonly string[]
  /** `sha256:…` over what would change. It does not depend on the order of changes or on caches. */
  readonly digest: string
  /** Set if a problem comes from facts that may be cached. They are then read again, once. */
  readonly restsOnCache?: true
  /** The part of each machine in the digest. */
  readonly digests?: ReadonlyMap<string, string>
}

/** What a plan does with a machine. `blocked`: a problem prevents it. */
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

/** What a plan does with one machine. */
export interface PlannedMachine {
  readonly name: string
  /** Absent while it is unknown. Most new machines get their id when they are created. */
  readonly vmid?: number
  readonly node: string
  readonly action: MachineAction
  /** Changes in place. Empty for a machine that is created, removed or kept. */
  readonly changes: readonly Change[]
  /** Earlier changes that wait for a restart or a boot. */
  readonly pending?: readonly Change[]
  /** Set if it was created from an older build of its image; 16 hex digits each. */
  readonly outdated?: {
    readonly from: string
    readonly to: string
    /** Why it is replaced only if its name is given. Set if all outdated machines were to be replaced. */
    readonly leftAlone?: string
  }
  /** What its replacement loses beside the boot disk. */
  readonly loses?: readonly string[]
  /** True for a replacement that is started because the old VM runs, although the manifest has `start: false`. */
  readonly startsAgain?: boolean
  /** Differences that stay. */
  readonly differences?: readonly Difference[]
  /** Its unused volumes. */
  readonly unused?: readonly KeptDisk[]
}

/** An unused volume of a machine. */
export interface KeptDisk {
  /** Proxmox's key for it: `unused0`. */
  readonly key: string
  readonly volume: string
  /** Its bus position before an apply detached it. Absent if someone else detached it. */
  readonly was?: string
  /** True if a new disk is created at its former position. */
  readonly isReplaced?: boolean
}

/** A difference from the manifest that an apply leaves alone. */
export interface Difference {
  /** The key of the manifest. */
  readonly key: string
  readonly is?: ChangeValue
  readonly declared?: ChangeValue
  /** How to change it. */
  readonly hint: string
}

/** A machine of the project that is no longer in the manifest. */
export interface Orphan {
  readonly name: string
  readonly vmid: number
  readonly node: string
}

/** How many steps would run, how many cannot (they fail or need one that fails), and how many are kept. */
export interface StepCounts {
  readonly changes: number
  readonly impossible: number
  readonly kept: number
}

export type PlannedSteps = Pick<Plan, 'steps'>

/** Returns the steps that cannot run because another one fails: step id → id of the failing step. */
export function blockedSteps({ steps }: PlannedSteps): ReadonlyMap<string, string> {
  const causes = new Map<string, string>()
  for (const { id, needs, problem } of steps) {
    const need = needs.find((one) => causes.has(one))
    if (problem !== undefined) causes.set(id, id)
    else if (need !== undefined) causes.set(id, causes.get(need) ?? need)
  }
  return new Map([...causes].filter(([id, cause]) => id !== cause))
}

/** Counts the steps of a plan that would run, cannot run, or are kept. */
export function stepCounts(plan: PlannedSteps): StepCounts {
  const { steps } = plan
  const blocked = blockedSteps(plan)
  const kept = steps.filter(({ action }) => action === 'keep').length
  const impossible = steps.filter(
    ({ id, action, problem }) => action === 'run' && (problem !== undefined || blocked.has(id)),
  ).length
  return { changes: steps.length - kept - impossible, impossible, kept }
}

/** Counts the steps of a plan that would run. */
export function changesIn(plan: PlannedSteps): number {
  return stepCounts(plan).changes
}

/** Returns true if everything is as declared: no changes, no differences, nothing pending, no older build of an image. */
export function isAsDeclared(plan: Plan): boolean {
  return (
    plan.problems.length === 0 &&
    plan.orphans.length === 0 &&
    plan.steps.every(({ action }) => action === 'keep') &&
    plan.machines.every((machine) => !differs(machine) && machine.outdated === undefined)
  )
}

/** Returns true if a machine differs from the manifest in what the plan leaves as it is. The build of its image does not count. */
export function differs({ pending = [], differences = [] }: PlannedMachine): boolean {
  return pending.length + differences.length > 0
}
