// Plans the difference between desired and current state: walks back from the machines to the steps that they need.
// Pure.

import { ProvisionError } from '../errors.ts'
import type { Facts } from '../facts/facts.ts'
import { withBuilds } from '../manifest/built-images.ts'
import { storagesFor } from '../manifest/machine-disks.ts'
import type { Desired, Machine } from '../manifest/manifest.ts'
import { select } from '../manifest/select.ts'
import type { Verdict } from './compare/compare-machine.ts'
import { machinesByName } from './compare/find-machine.ts'
import { completePlan, type Draft, type StepProblem } from './complete-plan.ts'
import { leftOutNodes, leftOutNotes, withoutNodes } from './day-two/left-out-nodes.ts'
import { renameNotes } from './day-two/renames.ts'
import { createRollouts } from './day-two/rollout.ts'
import type { MachinePlanner } from './machine/machine-planner.ts'
import { homesOf, placeMachines, withTargets } from './machine/placement.ts'
import { planMachine } from './machine/plan-machine.ts'
import { nameList } from './name-list.ts'
import type { Plan } from './plan.ts'
import { createImagePlanner } from './plan-image.ts'
import {
  givenUpNotes,
  manifestNotes,
  namesakeNotes,
  orphansOf,
  otherFileNotes,
  reachNotes,
  unknownNodeNotes,
  verifiedNotes,
} from './plan-notes.ts'
import type { ImageContext } from './plan-volume.ts'
import { addressBook } from './problems/address-problems.ts'
import { idsLeft, templateRangeProblem } from './problems/id-problems.ts'
import { planRemovals } from './removals.ts'
import type { Step } from './step.ts'

/** Options for `makePlan`. */
export interface PlanOptions {
  /** Put images into the local store even if they could be streamed directly. */
  readonly keepImages?: boolean | undefined
  /** Only these machines: names or entries of the manifest, or patterns of either with `*` and `?`. */
  readonly only?: readonly string[] | undefined
  /** Machines to replace, selected the same way. */
  readonly replace?: readonly string[] | undefined
  /** Outdated machines that are replaced only if their name is given, with the reason. */
  readonly leftAlone?: ReadonlyMap<string, string> | undefined
  /** Restart machines with pending changes, in the batches of their rollout. */
  readonly restart?: boolean | undefined
  /** Move machines to the node in the manifest, and disks to its storage. */
  readonly move?: boolean | undefined
  /** Nodes without new machines, which machines leave with `move`: names, or patterns with `*` and `?`. */
  readonly withoutNodes?: readonly string[] | undefined
  /** How many machines a rollout changes at the same time. Overrides the manifest. */
  readonly batch?: number | undefined
  /** Remove machines of the project and disks that are no longer in the manifest. */
  readonly prune?: boolean | undefined
  /** Continue if a VM without this program's marker has the name of a new machine. */
  readonly allowNamesake?: boolean | undefined
  /** Nodes of machines that are created or moved and may run on several, by name, as an earlier plan chose them. */
  readonly nodes?: Readonly<Record<string, string>> | undefined
}

/**
 * Plans a run: for each machine what it lacks, for each missing machine its template, for each missing template its
 * volume, for each missing volume its bytes. What already exists appears as `keep`, with the reason.
 * @throws ProvisionError `USAGE` for a name in the options that matches nothing
 */
export function makePlan(desired: Desired, facts: Facts, options: PlanOptions = {}): Plan {
  return completePlan(draftPlan(desired, facts, options), { desired, facts })
}

/** Plans without the checks that come before the first change. */
export function draftPlan(desired: Desired, facts: Facts, options: PlanOptions = {}): Draft {
  const { only, prune = false } = options
  const leftOut = leftOutNodes(facts, options.withoutNodes)
  const homes = homesOf(desired.machines, facts)
  const chosen = select(desired.machines, only)
  const left = chosen.map((machine) => withoutNodes(machine, homes.get(machine.name), leftOut))
  const machines = options.move ? withTargets(left, facts, options.nodes) : left
  const gathered = gatherSteps(desired, idsLeft(desired, facts))
  const nodeOf = placeMachines(machines, facts, options.nodes)
  const planner = plannerOf({ desired, facts, gathered, nodeOf, options, machines })
  const planned = machines.map((machine) => planMachine(machine, { ...planner, node: nodeOf(machine) }))
  const isWhole = only === undefined || only.length === 0
  const orphans = isWhole ? orphansOf(desired, facts) : []
  const pruned = prune ? planRemovals(orphans, { desired, facts, add: gathered.add }) : []
  const steps = [...gathered.steps.values()]
  return {
    steps,
    verdicts: planner.verdicts,
    found: gathered.found,
    machines: [...planned, ...pruned],
    orphans: prune ? [] : orphans,
    notes: [
      ...manifestNotes(desired),
      ...(prune ? otherFileNotes(desired, facts) : []),
      ...verifiedNotes(facts),
      ...unknownNodeNotes(machines, facts),
      ...reachNotes(machines, steps),
      ...renameNotes(planned, { desired, facts, orphans }),
      ...givenUpNotes(machines, facts),
      ...namesakeNotes(machines, facts),
      ...leftOutNotes({ machines, facts, leftOut, move: options.move }),
    ],
  }
}

interface Gathered {
  readonly steps: ReadonlyMap<string, Step>
  readonly found: readonly StepProblem[]
  readonly ids: { left: number }
  readonly add: MachinePlanner['add']
  readonly claimId: ImageContext['claimId']
  readonly report: MachinePlanner['report']
}

/** Collects the steps and problems of all machines. A step that several machines need is added once. */
function gatherSteps(desired: Desired, left: number): Gathered {
  const steps = new Map<string, Step>()
  const found: StepProblem[] = []
  const ids = { left }
  return {
    steps,
    found,
    ids,
    add(step) {
      if (!steps.has(step.id)) steps.set(step.id, step)
      return step.id
    },
    claimId(step, image) {
      if (steps.has(step)) return undefined
      if (ids.left <= 0) return templateRangeProblem(image, desired)
      ids.left -= 1
      return undefined
    },
    report: (step, problems) => void found.push(...problems.map((problem) => ({ step, problem }))),
  }
}

interface Given {
  readonly desired: Desired
  readonly facts: Facts
  readonly gathered: Gathered
  readonly machines: readonly Machine[]
  readonly nodeOf: (machine: Machine) => string
  readonly options: PlanOptions
}

function plannerOf({ desired, facts, gathered, machines, nodeOf, options }: Given): Omit<MachinePlanner, 'node'> {
  const {
    replace = [],
    keepImages = false,
    allowNamesake = false,
    restart = false,
    move = false,
    prune = false,
    leftAlone = new Map<string, string>(),
    batch,
  } = options
  const { ids, add, claimId, report } = gathered
  const targets = (image: string) => {
    const builds = withBuilds(image, desired.images)
    return machines.flatMap((machine) => {
      const node = nodeOf(machine)
      const images = { node, storage: machine.storage.images }
      const storages = new Set(builds.flatMap((one) => storagesFor(machine, one)))
      return [...storages].map((storage) => ({ images, disks: { node, storage }, machine: machine.name }))
    })
  }
  return {
    desired,
    facts,
    guests: machinesByName(desired, facts),
    addresses: addressBook(desired, facts),
    images: createImagePlanner({ desired, facts, add, claimId, targets, keepImages }),
    replaced: replacedNames(replace, { all: desired.machines, chosen: machines }),
    leftAlone,
    rollouts: createRollouts(batch),
    restart,
    move,
    prune,
    allowNamesake,
    verdicts: new Map<string, Verdict>(),
    ids,
    add,
    report,
  }
}

/**
 * Names that match nothing are an error, because it would look like a replacement that was not needed. The same applies
 * to machines that the run does not include.
 */
function replacedNames(
  patterns: readonly string[],
  { all, chosen }: { readonly all: readonly Machine[]; readonly chosen: readonly Machine[] },
): ReadonlySet<string> {
  if (patterns.length === 0) return new Set()
  const names = new Set(select(all, patterns).map(({ name }) => name))
  if (!chosen.some(({ name }) => names.has(name)))
    throw new ProvisionError('USAGE', `--only leaves out ${nameList([...names])}, so nothing would be replaced.`, {
      hint: 'Choose the machines to replace in --only as well, or remove --only.',
    })
  return names
}
