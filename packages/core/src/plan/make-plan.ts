// What should be minus what is: steps, walking back from the machines that must be made. Pure.
import { ProvisionError } from '../errors.ts'
import type { Facts } from '../facts/facts.ts'
import type { Desired, Machine } from '../manifest/manifest.ts'
import type { Verdict } from './compare/compare-machine.ts'
import { completePlan } from './complete-plan.ts'
import { placeMachines } from './placement.ts'
import type { Plan } from './plan.ts'
import { createImagePlanner } from './plan-image.ts'
import { planMachine } from './plan-machine.ts'
import { manifestNotes, orphansOf, reachNotes, unknownNodeNotes, verifiedNotes } from './plan-notes.ts'
import type { Step } from './step.ts'

export interface PlanOptions {
  /** Images go through the store even where they could be passed straight on: for whoever keeps the store. */
  readonly keepImages?: boolean
  /** Only these machines, by name or by the manifest's entry. */
  readonly only?: readonly string[]
  /** Machines that may be destroyed and made anew, by name or by the manifest's entry. */
  readonly replace?: readonly string[]
}

/**
 * Plans a run: for each machine what it lacks, for each lacking machine its template, for each lacking template its
 * volume, for each lacking volume its bytes. What is there already appears as `keep` with the reason.
 */
export function makePlan(
  desired: Desired,
  facts: Facts,
  { only, replace = [], keepImages = false }: PlanOptions = {},
): Plan {
  const machines = selectMachines(desired.machines, only)
  // A name that is none must not look like a replacement that was not needed.
  const replaced = replace.length === 0 ? [] : selectMachines(desired.machines, replace)
  const steps = new Map<string, Step>()
  const add = (step: Step): string => {
    if (!steps.has(step.id)) steps.set(step.id, step)
    return step.id
  }
  const nodes = placeMachines(machines, facts)
  const nodeOf = (machine: Machine) => nodes.get(machine.name) ?? machine.nodes[0]
  const storageRefsOf = (machine: Machine) => {
    const node = nodeOf(machine)
    return { images: { node, storage: machine.storage.images }, disks: { node, storage: machine.storage.disks } }
  }
  const targets = (image: string) => machines.filter((machine) => machine.image === image).map(storageRefsOf)
  const images = createImagePlanner({ desired, facts, add, targets, keepImages })
  const verdicts = new Map<string, Verdict>()
  const planner = { desired, facts, add, images, verdicts, notes: [...verifiedNotes(facts)] }
  const planned = machines.map((machine) => planMachine(machine, { ...planner, node: nodeOf(machine), replaced }))
  const isWhole = only === undefined || only.length === 0
  return completePlan(
    {
      steps: [...steps.values()],
      verdicts,
      machines: planned,
      orphans: isWhole ? orphansOf(desired, facts) : [],
      notes: [
        ...manifestNotes(desired),
        ...planner.notes,
        ...unknownNodeNotes(machines, facts),
        ...reachNotes(machines, steps.values()),
      ],
    },
    { desired, facts },
  )
}

/** The machines named by `only`, all when it is absent. @throws ProvisionError `USAGE` for a name that is none */
export function selectMachines(machines: readonly Machine[], only: readonly string[] | undefined): readonly Machine[] {
  if (only === undefined || only.length === 0) return machines
  for (const name of only) {
    if (!machines.some((machine) => machine.name === name || machine.entry === name)) {
      const known = machines.map((machine) => machine.name).join(', ')
      throw new ProvisionError('USAGE', `There is no machine ${name} in the manifest.`, {
        hint: `Known are ${known}.`,
      })
    }
  }
  return machines.filter((machine) => only.includes(machine.name) || only.includes(machine.entry))
}
