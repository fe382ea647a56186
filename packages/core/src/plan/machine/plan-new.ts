// Plans the creation of a machine: template, documents, clone, start.
import { ProvisionError } from '../../errors.ts'
import type { GuestFacts, ImageFacts, StorageFacts } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import type { StorageRef } from '../../ports/pve/pve.ts'
import { seedOf } from '../compare/find-machine.ts'
import { sizeText } from '../config/size-text.ts'
import { noNodeLeft } from '../day-two/left-out-nodes.ts'
import { replacementLosses } from '../day-two/replacement-losses.ts'
import { destroyStep, guarded, withoutSeed } from '../destroy-step.ts'
import { seedVolume } from '../first-boot/seed-documents.ts'
import type { PlannedMachine } from '../plan.ts'
import { addressProblems } from '../problems/address-problems.ts'
import { identityProblems, rangeProblem } from '../problems/id-problems.ts'
import { settingProblems } from '../problems/setting-problems.ts'
import type { Step } from '../step.ts'
import { canLinkClones } from '../storage-kinds.ts'
import { storageLane, storageOf } from '../storages.ts'
import { planDiskImages, smallDisks } from './disk-images.ts'
import type { MachinePlanner } from './machine-planner.ts'
import { planSeed, seedOptions } from './seed-step.ts'
import { planStart } from './start-steps.ts'

export interface Impossible {
  readonly problems: readonly ProvisionError[]
}

/** Plans a machine that does not exist, or that replaces an existing VM. */
export function planNew(machine: Machine, planner: MachinePlanner, replaced?: GuestFacts): PlannedMachine | Impossible {
  const { add, images, facts, node, ids } = planner
  const problems = newMachineProblems(machine, planner, replaced)
  if (problems.length > 0) return { problems }
  const isNumbered = machine.vmid === undefined && replaced === undefined
  if (isNumbered && ids.left <= 0) return { problems: [rangeProblem(machine, planner.desired)] }
  const disks: StorageRef = { node, storage: machine.storage.disks }
  const template = images.planTemplate(machine.image, { images: { node, storage: machine.storage.images }, disks })
  if (isNumbered) {
    // The template may have taken the last one.
    if (ids.left <= 0) return { problems: [rangeProblem(machine, planner.desired)] }
    ids.left -= 1
  }
  const seed = planSeed(machine, planner)
  const disk = planDiskImages(machine, planner)
  const ready = [template.id, ...seed, ...disk.needs]
  const starts = machine.start || replaced?.status === 'running'
  const destroyed = replaced ? [planRemoval(replaced, { machine, needs: ready, starts }, planner)] : []
  const storage = storageOf(facts, disks)
  const linked = isLinkedClone(machine, template, { disks, storage })
  const create = add({
    id: `create:${machine.name}`,
    kind: 'create',
    machine: machine.name,
    node,
    action: 'run',
    why: `${replaced === undefined ? 'does not exist yet' : `replaces ${replaced.vmid}`}; ${linked ? 'linked' : 'full'} clone on ${node}/${disks.storage}`,
    needs: [...ready, ...destroyed],
    templateFrom: template.id,
    ...(seed[0] !== undefined && { seedFrom: seed[0] }),
    ...disk.sources,
    linked,
    base: template.base,
    lanes: [...new Set([`template:${template.id}`, storageLane(storage, disks), ...disk.lanes, `node:${node}`])],
  })
  if (starts) planStart(machine, planner, { createFrom: create, isReplaced: replaced !== undefined })
  const vmid = replaced === undefined ? machine.vmid : undefined
  return {
    name: machine.name,
    ...(vmid !== undefined && { vmid }),
    node,
    action: replaced ? 'replace' : 'create',
    changes: [],
    ...(replaced !== undefined && { loses: replacementLosses(machine, replaced) }),
    ...(starts && !machine.start && { startsAgain: true }),
  }
}

/** A clone is linked if the manifest, the storage and the location of the template allow it. */
export function isLinkedClone(
  { fullClone }: Pick<Machine, 'fullClone'>,
  template: { readonly storage?: string | undefined },
  { disks, storage }: { readonly disks: StorageRef; readonly storage: StorageFacts | undefined },
): boolean {
  const isBeside = template.storage === undefined || template.storage === disks.storage
  return !fullClone && isBeside && storage !== undefined && canLinkClones(storage.type)
}

/** Name and id are checked only if no machine with this name exists. */
export function newMachineProblems(
  machine: Machine,
  planner: MachinePlanner,
  replaced: GuestFacts | undefined,
): readonly ProvisionError[] {
  const { facts, node, images, addresses } = planner
  const small = tooSmall(machine, images.factsOf(machine.image))
  return [
    ...(replaced === undefined ? identityProblems(machine, planner) : []),
    ...(replaced === undefined ? [noNodeLeft(machine) ?? []].flat() : []),
    ...addressProblems(machine, addresses),
    ...settingProblems(machine, { facts, node }),
    ...(small === undefined ? [] : [small]),
    ...smallDisks(machine, planner, replaced?.config),
  ]
}

interface Removal {
  readonly machine: Machine
  readonly needs: readonly string[]
  readonly starts: boolean
}

/** The old VM is removed only when everything that the new one needs is ready, and in the batches of its rollout. */
function planRemoval(
  replaced: GuestFacts,
  { machine, needs, starts }: Removal,
  { add, desired, rollouts }: MachinePlanner,
): string {
  const last = !starts ? 'create' : machine.wait.for === 'none' ? 'start' : 'wait'
  const gate = rollouts.gate(machine, `${last}:${machine.name}`)
  return add({ ...removalOf(replaced, machine, desired), needs, gate })
}

function removalOf(guest: GuestFacts, machine: Machine, desired: Desired): Step {
  const step = guarded(destroyStep(guest, 'requested with --replace'), guest, desired)
  const volume = seedVolume(machine, seedOptions(machine, desired))
  // The new machine may use the same ISO as the old one.
  const isShared = volume !== undefined && seedOf(guest.config, machine.name)?.endsWith(`/${volume}`)
  return isShared ? withoutSeed(step) : step
}

function tooSmall(machine: Machine, image: ImageFacts | undefined): ProvisionError | undefined {
  const wanted = machine.disk.sizeBytes
  const least = image?.virtualSizeBytes
  if (wanted === undefined || least === undefined || wanted >= least) return undefined
  return new ProvisionError(
    'CONFLICT',
    `The disk of ${machine.name} would have ${sizeText(wanted)}, but ${machine.image} needs ${sizeText(least)}.`,
    {
      hint: `Set \`disk\` of ${machine.entry} to ${sizeText(least)} or more: Proxmox cannot shrink disks.`,
      details: { machine: machine.name, key: 'disk' },
    },
  )
}
