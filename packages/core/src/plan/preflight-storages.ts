// Whether the storages of a plan are there, active, allowed to hold what comes, and roomy enough.
import type { Facts, StorageFacts } from '../facts/facts.ts'
import type { Desired } from '../manifest/manifest.ts'
import type { Shelf } from '../ports/pve/pve.ts'
import { type Complaint, conflict } from './complaint.ts'
import { privilegesIn } from './held-privileges.ts'
import { type Plan, runs, type Step } from './step.ts'
import { holdsDisks, isFileBased } from './storage-kinds.ts'
import { placeOf, storageOf } from './storages.ts'

type Content = 'images' | 'import' | 'iso'

interface Use {
  readonly at: Shelf
  readonly content: Content
}

export function checkStorages(desired: Desired, facts: Facts, plan: Plan): readonly Complaint[] {
  const uses = plan.steps.filter(runs).flatMap((step) => usesOf(step, desired))
  const complaints = uses.flatMap((use) => checkUse(use, facts))
  return [...new Map(complaints.map((complaint) => [complaint.sentence, complaint])).values()]
}

function usesOf(step: Step, { machines }: Desired): readonly Use[] {
  if (step.kind === 'pull' || step.kind === 'upload' || step.kind === 'stream')
    return [{ at: step.at, content: 'import' }]
  if (step.kind === 'seed') return [{ at: step.at, content: 'iso' }]
  if (step.kind === 'template') return [{ at: step.at, content: 'images' }]
  if (step.kind !== 'create') return []
  const machine = machines.find(({ name }) => name === step.machine)
  const storages =
    machine === undefined ? [] : [machine.storage.disks, ...machine.disks.flatMap(({ storage }) => storage ?? [])]
  return storages.map((storage): Use => ({ at: { node: step.node, storage }, content: 'images' }))
}

function checkUse({ at, content }: Use, facts: Facts): readonly Complaint[] {
  const storage = storageOf(facts, at)
  if (storage === undefined) return checkMissing(at, facts)
  const place = placeOf(storage, at)
  if (!storage.active)
    return conflict(`Storage ${place} is not active on ${at.node}.`, `Look at \`pvesm status\` on ${at.node}.`)
  if (!canHold(storage, content)) {
    return conflict(
      `Storage ${place} is of type ${storage.type}, which cannot hold ${content === 'images' ? 'disks' : 'files'}.`,
      `Name another storage for ${content === 'images' ? '`storage.disks`' : '`storage.images`'}.`,
    )
  }
  if (storage.content.has(content)) return []
  const contents = [...storage.content, content]
    .filter((one) => one !== '')
    .sort()
    .join(',')
  return conflict(
    `Storage ${at.storage} does not have the content type ${content}.`,
    `pvesm set ${at.storage} --content ${contents}`,
  )
}

/** A storage that may not be seen is not listed either: then the missing privilege is the better complaint. */
function checkMissing({ node, storage }: Shelf, facts: Facts): readonly Complaint[] {
  if (!privilegesIn(facts)(`/storage/${storage}`, 'Datastore.Audit')) return []
  const known = facts.cluster.storages.filter((entry) => entry.node === node).map((entry) => entry.storage)
  return conflict(`There is no storage ${storage} on ${node}.`, `Storages on ${node} are ${known.join(', ')}.`)
}

function canHold({ type }: StorageFacts, content: Content): boolean {
  return content === 'images' ? holdsDisks(type) : isFileBased(type)
}

/** Images must fit as a whole; disks are mostly thin, and what they will grow to nobody knows. */
export function checkSpace(facts: Facts, plan: Plan): readonly Complaint[] {
  const wanted = new Map<string, { readonly storage: StorageFacts; bytes: number }>()
  for (const step of plan.steps.filter(runs)) {
    if (step.kind !== 'pull' && step.kind !== 'upload' && step.kind !== 'stream') continue
    const storage = storageOf(facts, step.at)
    const image = facts.images.get(step.image)
    const bytes = image === undefined || image instanceof Error ? 0 : (image.sizeBytes ?? 0)
    if (storage === undefined) continue
    const key = placeOf(storage, step.at)
    const entry = wanted.get(key) ?? { storage, bytes: 0 }
    entry.bytes += bytes
    wanted.set(key, entry)
  }
  return [...wanted].flatMap(([place, { storage, bytes }]) => {
    const { availableBytes = Number.POSITIVE_INFINITY } = storage
    if (bytes <= availableBytes) return []
    return conflict(
      `Storage ${place} has ${mebibytes(availableBytes)} left, and images of ${mebibytes(bytes)} are to come.`,
      `Make room on ${place}; \`pve-provision images prune\` removes images that nothing uses.`,
    )
  })
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MiB`
}
