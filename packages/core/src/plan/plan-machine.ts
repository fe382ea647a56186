// What one machine lacks: nothing, a change in place, or to be made, with whatever that needs.
import { ProvisionError } from '../errors.ts'
import type { Facts, GuestFacts, ImageFacts } from '../facts/facts.ts'
import type { Desired, Machine } from '../manifest/manifest.ts'
import { unsupportedMachine } from '../manifest/not-supported.ts'
import type { StorageRef } from '../ports/pve/pve.ts'
import { compareMachine, type Verdict } from './compare/compare-machine.ts'
import { findMachine, seedOf } from './compare/find-machine.ts'
import { seedVolume } from './config/seed-documents.ts'
import { sizeText } from './config/size-text.ts'
import { destroyStep, guarded, withoutSeed } from './destroy-step.ts'
import type { ImagePlanner } from './plan-image.ts'
import type { Step } from './step.ts'
import { canLinkClones } from './storage-kinds.ts'
import { placeOf, storageLane, storageOf } from './storages.ts'

export interface MachinePlanner {
  readonly desired: Desired
  readonly facts: Facts
  readonly add: (step: Step) => string
  readonly images: ImagePlanner
  readonly notes: string[]
  readonly node: string
  readonly replaced: readonly Machine[]
}

export function planMachine(machine: Machine, planner: MachinePlanner): void {
  const { guest, duplicates } = findMachine(machine.name, planner.desired, planner.facts)
  for (const duplicate of duplicates) {
    const why = `${guest?.vmid} is ${machine.name} as well, and stays`
    planner.add({ ...withoutSeed(destroyStep(duplicate, why)), id: `destroy:${machine.name}@${duplicate.vmid}` })
  }
  const unsupported = unsupportedMachine(machine)
  const obstacle = guest === undefined ? outOfReach(machine, planner) : undefined
  if (unsupported !== undefined) planImpossible(machine, planner, { why: 'the manifest', problem: unsupported })
  else if (obstacle !== undefined)
    planImpossible(machine, planner, { why: 'its node does not answer', problem: obstacle })
  else if (guest === undefined) planNew(machine, planner)
  else if (planner.replaced.includes(machine)) planNew(machine, planner, guest)
  else planExisting(machine, guest, planner)
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
): void {
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
}

function planNew(machine: Machine, planner: MachinePlanner, replaced?: GuestFacts): void {
  const { add, images, facts, node, notes } = planner
  notes.push(...namesakeNotes(machine, planner))
  const disks: StorageRef = { node, storage: machine.storage.disks }
  const template = images.planTemplate(machine.image, { images: { node, storage: machine.storage.images }, disks })
  const seed = planSeed(machine, planner)
  const storage = storageOf(facts, disks)
  const linked = !machine.fullClone && storage !== undefined && canLinkClones(storage.type)
  const problem = problemOf(tooSmall(machine, images.factsOf(machine.image)))
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
    why: `no machine of ${planner.desired.project} is called ${machine.name}; ${linked ? 'linked' : 'full'} clone on ${node}/${disks.storage}`,
    needs: [...ready, ...destroyed],
    templateFrom: template.id,
    ...(seed[0] && { seedFrom: seed[0] }),
    linked,
    base: template.base,
    lanes: [`template:${template.id}`, storageLane(storage, disks), `node:${node}`],
    ...problem,
  })
  if (machine.start) planStart(machine, { add, node, createFrom: create, running: false })
}

function removalOf(guest: GuestFacts, machine: Machine, desired: Desired): Step {
  const step = guarded(destroyStep(guest, 'asked for by --replace'), guest, desired)
  const volume = seedVolume(machine, desired.project)
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

function planExisting(machine: Machine, guest: GuestFacts, planner: MachinePlanner): void {
  const { add, images } = planner
  const { node, vmid } = guest
  const base = images.currentBase(machine.image, { node, storage: machine.storage.disks })
  const verdict = compareMachine(machine, guest, { project: planner.desired.project, ...(base && { base }) })
  planner.notes.push(...verdict.notes)
  const known = { guest: { vmid, node } }
  images.planKept(machine.image, { node, storage: machine.storage.disks })
  const common = { machine: machine.name, node, needs: [], lanes: [`node:${node}`] } as const
  const id =
    verdict.action === 'keep'
      ? add({
          ...common,
          id: `create:${machine.name}`,
          kind: 'create',
          action: 'keep',
          why: `${vmid} on ${node} is as declared`,
          templateFrom: '',
          linked: false,
          base: guest.marker.base,
          known,
        })
      : add(
          updateStep(machine, guest, {
            planner,
            why: verdict.why,
            problem: problemWith(machine, guest, { planner, verdict }),
          }),
        )
  if (machine.start) planStart(machine, { add, node, createFrom: id, running: guest.status === 'running' })
}

/** A storage that is none makes a conflict of every machine on another one: that it is none comes first. */
function problemWith(
  machine: Machine,
  { vmid, node }: GuestFacts,
  { planner: { facts }, verdict: { problem } }: { readonly planner: MachinePlanner; readonly verdict: Verdict },
): ProvisionError | undefined {
  const storage = machine.storage.disks
  const known = facts.cluster.storages.filter((entry) => entry.node === node).map((entry) => entry.storage)
  if (problem === undefined || known.length === 0 || known.includes(storage)) return problem
  return new ProvisionError(
    'CONFLICT',
    `There is no storage ${storage} on ${node}, or the token may not see it; ${machine.name} (${vmid}) stays as it is.`,
    {
      hint: `Storages on ${node} are ${known.join(', ')}: mend \`storage.disks\`.`,
      details: { machine: machine.name, vmid },
    },
  )
}

function updateStep(
  machine: Machine,
  guest: GuestFacts,
  {
    planner,
    why,
    problem,
  }: { readonly planner: MachinePlanner; readonly why: string; readonly problem: ProvisionError | undefined },
): Step {
  const volume = seedVolume(machine, planner.desired.project)
  const hasIt = volume !== undefined && seedOf(guest.config, machine.name)?.endsWith(`/${volume}`)
  const { vmid, node } = guest
  const seed = hasIt ? [] : planSeed(machine, { ...planner, node })
  return {
    id: `update:${machine.name}`,
    kind: 'update',
    machine: machine.name,
    node,
    vmid,
    action: 'run',
    why,
    needs: seed,
    ...(seed[0] && { seedFrom: seed[0] }),
    lanes: [`node:${node}`],
    ...problemOf(problem),
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

/** The ISO with a machine's custom cloud-init documents, where it has any. */
function planSeed(machine: Machine, { add, facts, node, desired }: MachinePlanner): string[] {
  const volume = seedVolume(machine, desired.project)
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
      action: 'run',
      why: `its own cloud-init documents, as ${volume} on ${placeOf(storage, at)}`,
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
