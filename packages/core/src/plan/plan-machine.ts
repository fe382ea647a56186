// What one machine lacks: nothing, a change in place, or to be made, with whatever that needs.
import { ProvisionError } from '../errors.ts'
import type { Facts, GuestFacts, ImageFacts } from '../facts/facts.ts'
import type { Desired, Machine } from '../manifest/manifest.ts'
import { unsupportedMachine } from '../manifest/not-supported.ts'
import type { StorageRef } from '../ports/pve/pve.ts'
import type { Change } from './change.ts'
import { compareMachine, type Verdict } from './compare/compare-machine.ts'
import { findMachine, seedOf } from './compare/find-machine.ts'
import { UNFINISHED } from './compare/spec-hash.ts'
import { sizeText } from './config/size-text.ts'
import { destroyStep, guarded, withoutSeed } from './destroy-step.ts'
import { macsOf } from './first-boot/macs.ts'
import { type SeedOptions, seedReasons, seedVolume } from './first-boot/seed-documents.ts'
import type { PlannedMachine } from './plan.ts'
import type { ImagePlanner } from './plan-image.ts'
import type { Step, Touches } from './step.ts'
import { canLinkClones } from './storage-kinds.ts'
import { placeOf, storageLane, storageOf } from './storages.ts'

export interface MachinePlanner {
  readonly desired: Desired
  readonly facts: Facts
  readonly add: (step: Step) => string
  readonly images: ImagePlanner
  readonly notes: string[]
  readonly verdicts: Map<string, Verdict>
  readonly node: string
  readonly replaced: readonly Machine[]
}

/** Adds a machine's steps; what becomes of it. */
export function planMachine(machine: Machine, planner: MachinePlanner): PlannedMachine {
  const { guest, duplicates } = findMachine(machine.name, planner.desired, planner.facts)
  for (const duplicate of duplicates) {
    const why = `${guest?.vmid} is ${machine.name} as well, and stays`
    planner.add({ ...withoutSeed(destroyStep(duplicate, why)), id: `destroy:${machine.name}@${duplicate.vmid}` })
  }
  const unsupported = unsupportedMachine(machine)
  const obstacle = guest === undefined ? outOfReach(machine, planner) : undefined
  if (unsupported !== undefined) return planImpossible(machine, planner, { why: 'the manifest', problem: unsupported })
  if (obstacle !== undefined)
    return planImpossible(machine, planner, { why: 'its node does not answer', problem: obstacle })
  if (guest === undefined) return planNew(machine, planner)
  return planner.replaced.includes(machine) ? planNew(machine, planner, guest) : planExisting(machine, guest, planner)
}

/** Why nothing can be known or done of a machine: its node does not answer. Others go on. */
function outOfReach({ name, nodes }: Machine, { facts, node }: MachinePlanner): ProvisionError | undefined {
  const known = facts.unreachable?.find((guest) => guest.name === name)
  const isOffline = facts.cluster.nodes.some((entry) => entry.name === node && !entry.online)
  if (known === undefined && !isOffline) return undefined
  const sentence =
    known === undefined
      ? `${name} is to be made on ${nodes.join(' or ')}, which is offline.`
      : `Whether ${known.vmid} on ${known.node} is ${name} cannot be known: ${known.node} does not answer.`
  return new ProvisionError('UNREACHABLE', sentence, {
    hint: `Run again when ${known?.node ?? node} is back.`,
    details: { node: known?.node ?? node },
  })
}

function planImpossible(
  machine: Machine,
  { add, node }: MachinePlanner,
  { why, problem }: { readonly why: string; readonly problem: ProvisionError },
): PlannedMachine {
  const create = add({
    id: `create:${machine.name}`,
    kind: 'create',
    machine: machine.name,
    node,
    action: 'run',
    why,
    needs: [],
    templateFrom: '',
    linked: false,
    base: '',
    lanes: [],
    problem,
  })
  if (machine.start) planStart(machine, { add, node, createFrom: create, running: false })
  return { name: machine.name, node, action: 'blocked', changes: [] }
}

function planNew(machine: Machine, planner: MachinePlanner, replaced?: GuestFacts): PlannedMachine {
  const { add, images, facts, node, notes } = planner
  notes.push(...namesakeNotes(machine, planner))
  const disks: StorageRef = { node, storage: machine.storage.disks }
  const template = images.planTemplate(machine.image, { images: { node, storage: machine.storage.images }, disks })
  const seed = planSeed(machine, planner)
  const storage = storageOf(facts, disks)
  const linked = !machine.fullClone && storage !== undefined && canLinkClones(storage.type)
  const obstacle = tooSmall(machine, images.factsOf(machine.image))
  const problem = problemOf(obstacle)
  const ready = [template.id, ...seed]
  // What is replaced goes only when all that its successor needs is there.
  const destroyed = replaced
    ? [add({ ...removalOf(replaced, machine, planner.desired), needs: ready, ...problem })]
    : []
  const create = add({
    id: `create:${machine.name}`,
    kind: 'create',
    machine: machine.name,
    node,
    action: 'run',
    why: `${replaced === undefined ? 'does not exist yet' : `takes the place of ${replaced.vmid}`}; ${linked ? 'linked' : 'full'} clone on ${node}/${disks.storage}`,
    needs: [...ready, ...destroyed],
    templateFrom: template.id,
    ...(seed[0] && { seedFrom: seed[0] }),
    linked,
    base: template.base,
    lanes: [`template:${template.id}`, storageLane(storage, disks), `node:${node}`],
    ...problem,
  })
  if (machine.start) planStart(machine, { add, node, createFrom: create, running: false })
  const vmid = replaced === undefined ? machine.vmid : undefined
  return {
    name: machine.name,
    ...(vmid !== undefined && { vmid }),
    node,
    action: obstacle ? 'blocked' : replaced ? 'replace' : 'create',
    changes: [],
  }
}

function removalOf(guest: GuestFacts, machine: Machine, desired: Desired): Step {
  const step = guarded(destroyStep(guest, 'asked for by --replace'), guest, desired)
  const volume = seedVolume(machine, seedOptions(machine, desired))
  // The new machine may want the very CD of the old one.
  const isShared = volume !== undefined && seedOf(guest.config, machine.name)?.endsWith(`/${volume}`)
  return isShared ? withoutSeed(step) : step
}

/** Somebody's machine, or ours with its description rewritten: nothing tells them apart, so it stays. */
function namesakeNotes({ name }: Machine, { facts, desired }: MachinePlanner): readonly string[] {
  return (facts.namesakes ?? [])
    .filter((guest) => guest.name === name)
    .map(
      ({ vmid, node }) =>
        `${vmid} on ${node} is called ${name} too, without a mark of ${desired.project}; it stays as it is, and another is made.`,
    )
}

function planExisting(machine: Machine, guest: GuestFacts, planner: MachinePlanner): PlannedMachine {
  const { add, images } = planner
  const { node, vmid, marker } = guest
  const base = images.currentBase(machine.image, { node, storage: machine.storage.disks })
  const verdict = compareMachine(machine, guest, { project: planner.desired.project })
  planner.verdicts.set(machine.name, verdict)
  images.planKept(machine.image, { node, storage: machine.storage.disks })
  const problem = problemWith(machine, guest, { planner, verdict })
  const id = add(
    verdict.action === 'keep' ? keepStep(machine, guest) : updateStep(machine, guest, { planner, verdict, problem }),
  )
  const isRunning = guest.status === 'running'
  if (machine.start) planStart(machine, { add, node, createFrom: id, running: isRunning })
  const isOutdated = base !== undefined && base !== marker.base && marker.image === machine.image
  const start = machine.start && !isRunning ? [STARTED] : []
  return {
    name: machine.name,
    vmid,
    node,
    action: problem ? 'blocked' : verdict.action === 'update' || start.length > 0 ? 'update' : 'keep',
    changes: [...verdict.changes, ...start],
    ...(isOutdated && { outdated: { from: marker.base, to: base } }),
    ...(verdict.differences.length > 0 && { differences: verdict.differences }),
  }
}

const STARTED: Change = { key: 'start', before: false, after: true, when: 'now' }

function keepStep(machine: Machine, { vmid, node, marker }: GuestFacts): Step {
  return {
    machine: machine.name,
    node,
    needs: [],
    lanes: [`node:${node}`],
    id: `create:${machine.name}`,
    kind: 'create',
    action: 'keep',
    why: `${vmid} on ${node} is as declared`,
    templateFrom: '',
    linked: false,
    base: marker.base,
    known: { guest: { vmid, node } },
  }
}

interface Judged {
  readonly planner: MachinePlanner
  readonly verdict: Verdict
}

/** A storage that is none makes a conflict of every machine on another one: that it is none comes first. */
function problemWith(
  machine: Machine,
  { vmid, node }: GuestFacts,
  { planner: { facts }, verdict: { problem } }: Judged,
): ProvisionError | undefined {
  const storage = machine.storage.disks
  const known = facts.cluster.storages.filter((entry) => entry.node === node).map((entry) => entry.storage)
  if (problem === undefined || known.length === 0 || known.includes(storage)) return problem
  return new ProvisionError(
    'CONFLICT',
    `There is no storage ${storage} on ${node}, or the token may not see it; ${machine.name} (${vmid}) stays as it is.`,
    {
      hint: `Storages on ${node} are ${known.join(', ')}: correct \`storage.disks\`.`,
      details: { machine: machine.name, vmid },
    },
  )
}

function updateStep(
  machine: Machine,
  guest: GuestFacts,
  { planner, verdict, problem }: Judged & { readonly problem: ProvisionError | undefined },
): Step {
  const volume = seedVolume(machine, seedOptions(machine, planner.desired, guest))
  const hasIt = volume !== undefined && seedOf(guest.config, machine.name)?.endsWith(`/${volume}`)
  const { vmid, node } = guest
  const seed = hasIt ? [] : planSeed(machine, { ...planner, node }, guest)
  return {
    id: `update:${machine.name}`,
    kind: 'update',
    machine: machine.name,
    node,
    vmid,
    action: 'run',
    why: verdict.why,
    needs: seed,
    ...(seed[0] && { seedFrom: seed[0] }),
    lanes: [`node:${node}`],
    changes: verdict.changes,
    touches: touchesOf(verdict),
    ...problemOf(problem),
  }
}

function touchesOf({ set, remove, grow, pool, ha }: Verdict): Touches {
  return {
    keys: [...Object.keys(set), ...remove],
    grow: Object.keys(grow),
    pool: pool !== undefined,
    ha: ha !== undefined,
  }
}

function planStart(
  machine: Machine,
  {
    add,
    node,
    createFrom,
    running,
  }: { add: MachinePlanner['add']; node: string; createFrom: string; running: boolean },
): void {
  const start = add({
    id: `start:${machine.name}`,
    kind: 'start',
    machine: machine.name,
    createFrom,
    needs: [createFrom],
    action: running ? 'keep' : 'run',
    why: running ? 'it runs' : 'the manifest says start',
    lanes: [`node:${node}`],
  })
  if (machine.wait.for === 'none') return
  add({
    id: `wait:${machine.name}`,
    kind: 'wait',
    machine: machine.name,
    createFrom,
    needs: [createFrom, start],
    action: running ? 'keep' : 'run',
    why: running ? 'it ran before' : `the manifest waits for its ${machine.wait.for}`,
    lanes: [],
  })
}

/** A machine that was not finished is made as if it were new, with MACs of ours. */
function seedOptions(machine: Machine, { project }: Desired, guest?: GuestFacts): SeedOptions {
  const current = guest?.marker.spec === UNFINISHED ? undefined : guest?.config
  return { project, macs: macsOf(machine, { project, current }) }
}

/** The ISO with a machine's cloud-init documents, where Proxmox does not write them. */
function planSeed(machine: Machine, { add, facts, node, desired }: MachinePlanner, guest?: GuestFacts): string[] {
  const options = seedOptions(machine, desired, guest)
  const volume = seedVolume(machine, options)
  if (volume === undefined) return []
  const at = { node, storage: machine.storage.images }
  const storage = storageOf(facts, at)
  return [
    add({
      id: `seed:${machine.name}`,
      kind: 'seed',
      machine: machine.name,
      at,
      volume,
      macs: options.macs,
      action: 'run',
      why: `${seedReasons(machine).join(', ')}: ${volume} on ${placeOf(storage, at)}`,
      needs: [],
      lanes: ['upload', storageLane(storage, at)],
    }),
  ]
}

function tooSmall(machine: Machine, image: ImageFacts | undefined): ProvisionError | undefined {
  const wanted = machine.disk.sizeBytes
  const least = image?.virtualSizeBytes
  if (wanted === undefined || least === undefined || wanted >= least) return undefined
  return new ProvisionError(
    'CONFLICT',
    `The disk of ${machine.name} is to have ${sizeText(wanted)}, but ${machine.image} needs ${sizeText(least)}.`,
    {
      hint: `Set \`disk\` of ${machine.entry} to ${sizeText(least)} or more: Proxmox cannot shrink disks.`,
    },
  )
}

function problemOf(problem: ProvisionError | undefined): { readonly problem?: ProvisionError } {
  return problem === undefined ? {} : { problem }
}
