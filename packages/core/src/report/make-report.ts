// Outcomes → report: whether it went well, what became of each machine, and what the run cost.
import type { Desired } from '../manifest/manifest.ts'
import type { StepKind } from '../plan/step.ts'
import type { Counter } from '../ports/world.ts'
import type { MachineReport, Outcome, Report } from './report.ts'

export interface ReportInput {
  readonly desired: Desired
  readonly outcomes: readonly Outcome[]
  readonly notes: readonly string[]
  readonly counters: Readonly<Record<Counter, number>>
  readonly wallMs: number
  readonly cachedFacts?: NonNullable<Report['cachedFacts']>
}

/** Sums a run up. */
export function makeReport({ desired, outcomes, notes, counters, wallMs, cachedFacts }: ReportInput): Report {
  const stepsMs = outcomes.reduce((sum, { ms }) => sum + ms, 0)
  const longestMs = lastEndMs(outcomes)
  return {
    ok: outcomes.every(({ status }) => status === 'done' || status === 'kept'),
    changed: outcomes.some(({ status }) => status === 'done'),
    outcomes,
    machines: desired.machines
      .map(({ name }) => machineReport(name, outcomes))
      .filter((machine) => machine !== undefined),
    notes: [...notes, ...outcomes.flatMap(({ result }) => result?.warnings ?? [])],
    // One after another the same steps take their sum; what surrounds them (looking, planning) is the same either way.
    ...(cachedFacts && { cachedFacts }),
    metrics: { ...counters, wallMs, serialMs: Math.max(0, wallMs - longestMs) + stepsMs },
  }
}

function lastEndMs(outcomes: readonly Outcome[]): number {
  return outcomes.reduce((latest, { startedAtMs, ms }) => Math.max(latest, startedAtMs + ms), 0)
}

const MACHINE_KINDS: readonly StepKind[] = ['create', 'update', 'start', 'wait', 'destroy']

function machineReport(name: string, outcomes: readonly Outcome[]): MachineReport | undefined {
  const own = outcomes.filter(({ step }) => MACHINE_KINDS.includes(step.kind) && nameOf(step) === name)
  if (own.length === 0) return undefined
  const guest = own.findLast(({ result }) => result?.guest)?.result?.guest
  const ips = own.findLast(({ result }) => result?.addresses)?.result?.addresses
  return { name, ...guest, status: statusOf(own), ...(ips && { ips }) }
}

function nameOf(step: Outcome['step']): string | undefined {
  if ('machine' in step) return step.machine
  return step.kind === 'destroy' ? step.name : undefined
}

function statusOf(own: readonly Outcome[]): MachineReport['status'] {
  for (const status of ['failed', 'blocked', 'cancelled'] as const) {
    if (own.some((outcome) => outcome.status === status)) return status
  }
  const done = own.filter(({ status }) => status === 'done').map(({ step }) => step.kind)
  if (done.includes('create')) return 'created'
  if (done.includes('destroy')) return 'destroyed'
  return done.length > 0 ? 'updated' : 'kept'
}
