// The documents of --json, as the contract fixes them.
import { changesIn, type Plan, type Report } from '@pve-provision/core'

export function planJson(plan: Plan) {
  return {
    changes: changesIn(plan),
    steps: plan.steps.map(({ id, kind, action, needs, why, problem }) => ({
      id,
      kind,
      action,
      needs,
      why,
      ...(problem && { problem: errorJson(problem) }),
    })),
    notes: plan.notes,
  }
}

export function reportJson({ ok, changed, outcomes, machines, metrics, notes }: Report) {
  return {
    ok,
    changed,
    steps: outcomes.map(({ step, status, ms, startedAtMs, error, by }) => ({
      id: step.id,
      kind: step.kind,
      status,
      ms,
      startedAtMs,
      why: step.why,
      ...(error && { error: errorJson(error) }),
      ...(by && { by }),
    })),
    vms: machines,
    metrics,
    notes,
  }
}

function errorJson({ code, message, hint }: { readonly code: string; readonly message: string; readonly hint: string | undefined }) {
  return { code, message, ...(hint && { hint }) }
}
