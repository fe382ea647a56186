// What should be minus what is: steps, walking back from the machines that must be made. Pure.
import { ProvisionError } from '../errors.ts'
import type { Facts, GuestFacts, ImageFacts } from '../facts/facts.ts'
import type { Desired, Machine } from '../manifest/manifest.ts'
import type { Shelf } from '../ports/pve/pve.ts'
import { compareMachine } from './compare-machine.ts'
import { findMachine, seedOf } from './find-machine.ts'
import { shorten } from './names.ts'
import { placeMachines } from './placement.ts'
import { createImagePlanner, type ImagePlanner } from './plan-image.ts'
import { isProtected, mayUnprotect, protectedError } from './protection.ts'
import { seedVolume } from './seed-documents.ts'
import { sizeText } from './size-text.ts'
import type { Plan, Step } from './step.ts'
import { canLinkClones } from './storage-kinds.ts'
import { placeOf, storageLane, storageOf } from './storages.ts'

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
  const shelvesOf = (machine: Machine) => {
    const node = nodeOf(machine)
    return { images: { node, storage: machine.storage.images }, disks: { node, storage: machine.storage.disks } }
  }
  const targets = (image: string) => machines.filter((machine) => machine.image === image).map(shelvesOf)
  const images = createImagePlanner({ desired, facts, add, targets, keepImages })
  const planner = { desired, facts, add, images, notes: [...verifiedNotes(facts)] }
  for (const machine of machines) planMachine(machine, { ...planner, node: nodeOf(machine), replaced })
  if (only === undefined || only.length === 0) planner.notes.push(...surplusNotes(desired, facts))
  return { steps: [...steps.values()], notes: planner.notes }
}

/** Machines of the project that the manifest no longer names stay, but not in silence. */
function surplusNotes({ machines, project }: Desired, facts: Facts): readonly string[] {
  const named = new Set(machines.map(({ name }) => name))
  const surplus = facts.guests.filter(({ marker }) => marker.kind === 'machine' && !named.has(marker.name))
  return surplus.map(
    ({ marker: { name }, vmid, node }) =>
      `${name} (${vmid} on ${node}) is of ${project}, and the manifest no longer names it; it stays. To remove it: destroy --only ${name}`,
  )
}

/** What hashing again found: who asked for it wants to know. */
function verifiedNotes({ verified = [] }: Facts): readonly string[] {
  const dropped = { wrong: 'is not what it was', unknown: 'cannot be checked' } as const
  const whole = verified.filter(({ is }) => is === 'whole').length
  return [
    ...verified.flatMap(({ image, key, is }) =>
      is === 'whole' ? [] : [`A copy of ${image} in the store ${dropped[is]} and was dropped (${shorten(key)}).`],
    ),
    ...(whole > 0
      ? [`${whole === 1 ? 'One file' : `${whole} files`} in the store hashed again: as it should be.`]
      : []),
  ]
}

/** The machines named by `only`, all when it is absent. @throws ProvisionError `MANIFEST` for a name that is none */
export function selectMachines(machines: readonly Machine[], only: readonly string[] | undefined): readonly Machine[] {
  if (only === undefined || only.length === 0) return machines
  for (const name of only) {
    if (!machines.some((machine) => machine.name === name || machine.entry === name)) {
      const known = machines.map((machine) => machine.name).join(', ')
      throw new ProvisionError('MANIFEST', `There is no machine ${name} in the manifest.`, {
        hint: `Known are ${known}.`,
      })
    }
  }
  return machines.filter((machine) => only.includes(machine.name) || only.includes(machine.entry))
}

interface MachinePlanner {
  readonly desired: Desired
  readonly facts: Facts
  readonly add: (step: Step) => string
  readonly images: ImagePlanner
  readonly notes: string[]
  readonly node: string
  readonly replaced: readonly Machine[]
}

function planMachine(machine: Machine, planner: MachinePlanner): void {
  const { guest, twins } = findMachine(machine.name, planner.desired, planner.facts)
  for (const twin of twins) {
    const why = `${guest?.vmid} is ${machine.name} as well, and stays`
    planner.add({ ...withoutSeed(destroyStep(twin, why)), id: `destroy:${machine.name}@${twin.vmid}` })
  }
  const obstacle = guest === undefined ? outOfReach(machine, planner) : undefined
  if (obstacle !== undefined) planImpossible(machine, planner, obstacle)
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

function planImpossible(machine: Machine, { add, node }: MachinePlanner, problem: ProvisionError): void {
  const create = add({
    id: `create:${machine.name}`,
    kind: 'create',
    machine: machine.name,
    node,
    action: 'run',
    why: 'its node does not answer',
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
  const disks: Shelf = { node, storage: machine.storage.disks }
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
      : add(updateStep(machine, guest, { planner, why: verdict.why, problem: verdict.problem }))
  if (machine.start) planStart(machine, { add, node, createFrom: id, running: guest.status === 'running' })
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

/** The step that removes a guest of ours. */
export function destroyStep(guest: GuestFacts, why: string, needs: readonly string[] = []): Step {
  const { name, kind } = guest.marker
  const seed = seedOf(guest.config, name)
  return {
    id: `destroy:${kind === 'template' ? `${guest.name}@${guest.node}` : name}`,
    kind: 'destroy',
    name,
    vmid: guest.vmid,
    node: guest.node,
    template: kind === 'template',
    ...(seed !== undefined && { seed }),
    action: 'run',
    why,
    needs,
    lanes: [`node:${guest.node}`],
  }
}

/** The same step; one that is sure to fail where the machine is protected. */
export function guarded(step: Step, guest: GuestFacts, desired: Desired): Step {
  const isSafe = !isProtected(guest) || mayUnprotect(guest.marker.name, desired)
  return isSafe ? step : { ...step, problem: protectedError(guest) }
}

/** The same step, leaving the CD of cloud-init documents where it is. */
function withoutSeed(step: Step): Step {
  if (step.kind !== 'destroy') return step
  const { seed: _, ...rest } = step
  return rest
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

export function problemOf(problem: ProvisionError | undefined): { readonly problem?: ProvisionError } {
  return problem === undefined ? {} : { problem }
}
