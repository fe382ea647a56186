// What is checked before the first change: a plan in the making, with what it was made from.
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import type { Verdict } from '../compare/compare-machine.ts'
import { runs, type Step } from '../step.ts'

export interface Planned {
  readonly desired: Desired
  readonly facts: Facts
  readonly steps: readonly Step[]
  /** Of the machines that exist, by name: compared once, when they were planned. */
  readonly verdicts: ReadonlyMap<string, Verdict>
}

export interface Subject extends Planned {
  readonly machines: ReadonlyMap<string, Machine>
  readonly guests: ReadonlyMap<number, GuestFacts>
}

export function subjectOf(planned: Planned): Subject {
  return {
    ...planned,
    machines: new Map(planned.desired.machines.map((machine) => [machine.name, machine])),
    guests: new Map(planned.facts.guests.map((guest) => [guest.vmid, guest])),
  }
}

/** The steps that do something. */
export function runningSteps({ steps }: Subject): readonly Step[] {
  return steps.filter(runs)
}

/** The machines that are made or changed. */
export function changingMachines({ desired, steps }: Subject): readonly Machine[] {
  const names = new Set(
    steps
      .filter(runs)
      .flatMap((step) =>
        step.kind === 'create' || step.kind === 'replace' || step.kind === 'update' ? [step.machine] : [],
      ),
  )
  return desired.machines.filter(({ name }) => names.has(name))
}

/** The machines that are made. */
export function madeMachines({ desired, steps }: Subject): readonly Machine[] {
  const names = new Set(steps.filter(runs).flatMap((step) => (step.kind === 'create' ? [step.machine] : [])))
  return desired.machines.filter(({ name }) => names.has(name))
}
