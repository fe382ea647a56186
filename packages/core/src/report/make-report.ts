// Creates a report from outcomes: whether the run succeeded, the state of each machine, and what the run cost.
import type { Facts } from '../facts/facts.ts'
import type { Desired } from '../manifest/manifest.ts'
import type { Plan } from '../plan/plan.ts'
import { machineNotes } from '../plan/plan-notes.ts'
import type { Counter } from '../ports/world.ts'
import { machineReports } from './machine-report.ts'
import type { MachineReport, Outcome, Report } from './report.ts'

export interface ReportInput {
  readonly desired: Desired
  readonly facts: Facts
  readonly plan: Pick<Plan, 'machines' | 'notes'>
  readonly outcomes: readonly Outcome[]
  /** Addresses that guest agents reported after the run, by vmid. */
  readonly seen?: ReadonlyMap<number, readonly string[]> | undefined
  readonly counters: Readonly<Record<Counter, number>>
  readonly wallMs: number
  readonly cachedFacts?: Report['cachedFacts'] | undefined
}

/** Creates the report of a run. */
export function makeReport(input: ReportInput): Report {
  const { desired, facts, plan, outcomes, seen, counters, wallMs, cachedFacts } = input
  const machines = machineReports({ desired, facts, outcomes, seen, machines: plan.machines })
  return {
    ok: outcomes.every(({ status }) => status === 'done' || status === 'kept'),
    changed: outcomes.some(({ status }) => status === 'done'),
    outcomes,
    machines,
    notes: [...notesAfter(plan, machines), ...outcomes.flatMap(({ result }) => result?.warnings ?? [])],
    ...(cachedFacts && { cachedFacts }),
    metrics: { ...counters, wallMs, serialMs: outcomes.reduce((sum, { ms }) => sum + ms, 0) },
  }
}

/** Returns the plan's notes, updated: restarts that are pending now, and without what the run has made true. */
function notesAfter(
  { machines, notes }: Pick<Plan, 'machines' | 'notes'>,
  reports: readonly MachineReport[],
): readonly string[] {
  const before = new Set(machineNotes(machines))
  const byName = new Map(reports.map((report) => [report.name, report]))
  const after = machines.flatMap((machine) => {
    const { status, pending = [] } = byName.get(machine.name) ?? {}
    if (status === 'created' || status === 'destroyed') return []
    return [status === 'updated' ? { ...machine, action: 'update' as const, pending } : machine]
  })
  return [...machineNotes(after), ...notes.filter((note) => !before.has(note))]
}
