// The input of the checks before the first change: a draft of a plan and what it was made from.
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import type { Verdict } from '../compare/compare-machine.ts'
import { runs, type Step, type StepOf } from '../step.ts'

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

/** A step that creates or changes a machine. */
export type MachineStep = StepOf<'create' | 'replace' | 'update'>

/** Returns the steps that will create or change a machine, with the machine. */
export function machineSteps(subject: Subject): readonly { readonly step: MachineStep; readonly machine: Machine }[] {
  return runningSteps(subject).flatMap((step) => {
    if (step.kind !== 'create' && step.kind !== 'replace' && step.kind !== 'update') return []
    const machine = subject.machines.get(step.machine)
    return machine === undefined ? [] : [{ step, machine }]
  })
}

/** Returns true if a step changes a key of the manifest. A new machine gets all of them. */
export function changesKey(step: MachineStep, key: string): boolean {
  return step.kind !== 'update' || step.changes.some((change) => change.key.split(/[[.]/, 1)[0] === key)
}
