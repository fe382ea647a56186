// The input of the checks before the first change: a draft of a plan and what it was made from.
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import type { Verdict } from '../compare/compare-machine.ts'
import { runs, type Step } from '../step.ts'

export interface Planned {
  readonly desired: Desired
  readonly facts: Facts
  readonly steps: readonly Step[]
  /** Of existing machines, by name. They were compared once, when they were planned. */
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

/** Returns the steps that will run. */
export function runningSteps({ steps }: Subject): readonly Step[] {
  return steps.filter(runs)
}

/** Returns the machines that are created or changed. */
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

/** Returns the machines that are created. */
export function madeMachines({ desired, steps }: Subject): readonly Machine[] {
  const names = new Set(steps.filter(runs).flatMap((step) => (step.kind === 'create' ? [step.machine] : [])))
  return desired.machines.filter(({ name }) => names.has(name))
}
