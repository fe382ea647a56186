// The documents that scripts rely on: a plan and a report as plain JSON values.
import type { ProvisionError } from '../errors.ts'
import type { Problem } from '../plan/preflight/problem.ts'
import { changesIn, type Plan, type StepAction, type StepKind } from '../plan/step.ts'
import type { MachineReport, Metrics, OutcomeStatus, Report } from './report.ts'

export interface ErrorDocument {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

export interface PlanDocument {
  readonly changes: number
  readonly steps: readonly {
    readonly id: string
    readonly kind: StepKind
    readonly action: StepAction
    readonly needs: readonly string[]
    readonly why: string
    readonly problem?: ErrorDocument
  }[]
  readonly notes: readonly string[]
  /** What keeps an apply from beginning; without any of them it can begin. */
  readonly problems: readonly Problem[]
}

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
  }[]
  readonly vms: readonly MachineReport[]
  readonly metrics: Metrics
  readonly notes: readonly string[]
}

/** What would be done, and why; with what is in the way of it, see `findProblems`. */
export function planDocument(plan: Plan, problems: readonly Problem[] = []): PlanDocument {
  const steps = plan.steps.map(({ id, kind, action, needs, why, problem }) => ({
    id,
    kind,
    action,
    needs,
    why,
    ...(problem && { problem: errorDocument(problem) }),
  }))
  return { changes: changesIn(plan), steps, notes: plan.notes, problems }
}

/** What was done, to which machines, and what it cost. */
export function reportDocument({ ok, changed, outcomes, machines, metrics, notes }: Report): ReportDocument {
  const steps = outcomes.map(({ step, status, ms, startedAtMs, error, by }) => ({
    id: step.id,
    kind: step.kind,
    status,
    ms,
    startedAtMs,
    why: step.why,
    ...(error && { error: errorDocument(error) }),
    ...(by && { by }),
  }))
  return { ok, changed, steps, vms: machines, metrics, notes }
}

export function errorDocument({ code, message, hint }: ProvisionError): ErrorDocument {
  return { code, message, ...(hint && { hint }) }
}
