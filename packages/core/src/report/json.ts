// Creates the JSON documents that scripts rely on: a plan and a report as plain values.
import type { ProvisionError } from '../errors.ts'
import type { Change } from '../plan/change/change.ts'
import { changesIn, type Plan } from '../plan/plan.ts'
import type { Problem } from '../plan/problems/problem.ts'
import type { StepAction, StepKind } from '../plan/step.ts'
import type { MachineReport, Metrics, OutcomeStatus, Report } from './report.ts'

export interface ErrorDocument {
  readonly code: string
  readonly message: string
  readonly hint?: string
  /** The last lines of the log of a failed build. */
  readonly log?: readonly string[]
  /** The VM of a build that was interrupted, or that failed with `--keep-failed`. */
  readonly vmid?: number
  readonly node?: string
}

/** Version 2. */
export interface PlanDocument extends Pick<Plan, 'digest' | 'orphans' | 'notes' | 'machines'> {
  readonly version: 2
  /** The number of steps that would change something. */
  readonly changes: number
  readonly steps: readonly {
    readonly id: string
    readonly kind: StepKind
    readonly action: StepAction
    readonly needs: readonly string[]
    readonly why: string
    readonly changes?: readonly Change[]
    readonly problem?: ErrorDocument
  }[]
  readonly problems: readonly Problem[]
}

/** The JSON document of a report. */
export interface ReportDocument {
  readonly ok: boolean
  readonly changed: boolean
  readonly steps: readonly {
    readonly id: string
    readonly kind: StepKind
    readonly status: OutcomeStatus
    readonly ms: number
    readonly startedAtMs: number
    readonly why: string
    readonly error?: ErrorDocument
    readonly by?: string
    readonly warnings?: readonly string[]
  }[]
  readonly vms: readonly MachineReport[]
  readonly metrics: Metrics
  readonly notes: readonly string[]
}

/** Creates the document of a plan: what would be done, and why. */
export function planDocument(plan: Plan): PlanDocument {
  const { digest, machines, orphans, problems, notes } = plan
  const steps = plan.steps.map((step) => ({
    id: step.id,
    kind: step.kind,
    action: step.action,
    needs: step.needs,
    why: step.why,
    ...(step.kind === 'update' && { changes: step.changes }),
    ...(step.problem && { problem: errorDocument(step.problem) }),
  }))
  return { version: 2, changes: changesIn(plan), digest, steps, machines, orphans, problems, notes }
}

/** Creates the document of a report: what was done, to which machines, and what it cost. */
export function reportDocument({ ok, changed, outcomes, machines, metrics, notes }: Report): ReportDocument {
  const steps = outcomes.map(({ step, status, ms, startedAtMs, error, by, result }) => ({
    id: step.id,
    kind: step.kind,
    status,
    ms,
    startedAtMs,
    why: step.why,
    ...(error && { error: errorDocument(error) }),
    ...(by && { by }),
    ...(result?.warnings && { warnings: result.warnings }),
  }))
  return { ok, changed, steps, vms: machines, metrics, notes }
}

/** Creates an error as `--json` prints it. */
export function errorDocument({ code, message, hint, details }: ProvisionError): ErrorDocument {
  // The log of a task is in Proxmox. The log of a build was in a VM that is removed.
  const log = code === 'BUILD' ? (details.log ?? []) : []
  const { vmid, node } = code === 'BUILD' || code === 'CANCELLED' ? details : {}
  const left = vmid !== undefined && node !== undefined && { vmid, node }
  return { code, message, ...(hint && { hint }), ...(log.length > 0 && { log }), ...left }
}
