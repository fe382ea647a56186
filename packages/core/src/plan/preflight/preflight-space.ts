// Checks that images, and disks that are allocated completely, fit on their storages.
import type { ImageFacts, StorageFacts } from '../../facts/facts.ts'
import { diskKeys } from '../../manifest/machine-disks.ts'
import type { Disk, Machine, Position } from '../../manifest/manifest.ts'
import type { StorageRef } from '../../ports/pve/pve.ts'
import { isDriveKey, sizeOfDisk } from '../config/disk-config.ts'
import { parseProperties, storageOfVolume } from '../config/property-string.ts'
import { sizeText } from '../config/size-text.ts'
import { factsIn } from '../known-images.ts'
import { conflict, type FoundProblem } from '../problems/problem.ts'
import type { Step, StepOf } from '../step.ts'
import { isThin } from '../storage-kinds.ts'
import { placeOf, storageOf } from '../storages.ts'
import { placeOfStorage } from './preflight-storages.ts'
import { machineSteps, type Planned, runningSteps, type Subject, subjectOf } from './subject.ts'

interface Load {
  readonly step: string
  readonly at: StorageRef
  readonly what: 'images' | 'disks'
  readonly bytes: number
}

type SomeLoad = Omit<Load, 'step'>

/**
 * Thick LVM allocates the full size of a disk at once. On other storages, disks grow later, and their final use is
 * unknown.
 */
export function checkSpace(subject: Subject): readonly FoundProblem[] {
  const { facts } = subject
  const loads = runningSteps(subject).flatMap((step) =>
    loadsOf(step, subject).map((load): Load => ({ ...load, step: step.id })),
  )
  const byPlace = Map.groupBy(loads, ({ at }) => placeOf(storageOf(facts, at), at))
  const machines = machineSteps(subject).map(({ machine }) => machine)
  return [...byPlace].flatMap(([place, all]) => {
    const [first] = all
    const storage = first && storageOf(facts, first.at)
    if (storage === undefined) return []
    return checkPlace(place, all, { storage, at: placeOfStorage(first?.at.storage ?? '', machines) })
  })
}

interface Room {
  readonly storage: StorageFacts
  /** Where the manifest first names the storage. */
  readonly at: Position | undefined
}

/** A step that needs more than there is fails alone. If all steps together do, it is not known which one fails. */
function checkPlace(
  place: string,
  loads: readonly Load[],
  { storage: { availableBytes = Number.POSITIVE_INFINITY }, at }: Room,
): readonly FoundProblem[] {
  const steps = [...Map.groupBy(loads, ({ step }) => step).entries()]
  const tooBig = steps.filter(([, list]) => bytesIn(list) > availableBytes)
  const others = steps.filter(([, list]) => bytesIn(list) <= availableBytes).flatMap(([, list]) => list)
  const words = (list: readonly Load[]) => {
    const what = [...new Set(list.map((load) => load.what))].join(' and ')
    return `Storage ${place} has ${sizeText(availableBytes)} left, but ${what} of ${sizeText(bytesIn(list))} will be added.`
  }
  const hint = `Free space on ${place}: \`pve-provision images prune\` removes unused images and templates.`
  return [
    ...tooBig.flatMap(([step, list]) => conflict(words(list), hint, { at, steps: [step] })),
    ...(bytesIn(others) > availableBytes ? conflict(words(others), hint, { at }) : []),
  ]
}

function bytesIn(loads: readonly Load[]): number {
  return loads.reduce((sum, load) => sum + load.bytes, 0)
}

function loadsOf(step: Step, known: Subject): readonly SomeLoad[] {
  if (step.kind === 'pull' || step.kind === 'upload' || step.kind === 'stream')
    return [{ at: step.at, what: 'images', bytes: imageOf(step.image, known)?.sizeBytes ?? 0 }]
  if (step.kind === 'template' || step.kind === 'build')
    return thick(known, step.at, imageOf(step.image, known)?.virtualSizeBytes ?? 0)
  if (step.kind === 'create') return loadsOfNew(step, known)
  if (step.kind === 'move-disks' || step.kind === 'move')
    return movedDisks(step, known).flatMap(({ at, bytes }) => thick(known, at, bytes))
  return step.kind === 'update' ? loadsOfChange(step, known) : []
}

function imageOf(name: string, known: Subject): ImageFacts | undefined {
  return factsIn(known, name)
}

function thick({ facts }: Subject, at: StorageRef, bytes: number): readonly SomeLoad[] {
  const storage = storageOf(facts, at)
  return storage === undefined || isThin(storage.type) ? [] : [{ at, what: 'disks', bytes }]
}

function loadsOfNew({ machine: name, node, linked }: StepOf<'create'>, known: Subject): readonly SomeLoad[] {
  const machine = known.machines.get(name)
  if (machine === undefined) return []
  const image = imageOf(machine.image, known)?.virtualSizeBytes ?? 0
  const boot = { ...machine.disk, sizeBytes: Math.max(machine.disk.sizeBytes ?? 0, linked ? 0 : image) }
  return [boot, ...machine.disks].flatMap((disk) => loadOfDisk(disk, bytesOf(disk, known), { machine, node, known }))
}

/** Returns how many bytes a new disk uses. */
function bytesOf({ image, sizeBytes = 0 }: Disk, known: Subject): number {
  const start = image === undefined ? undefined : imageOf(image, known)?.virtualSizeBytes
  return Math.max(sizeBytes, start ?? 0)
}

function loadOfDisk(
  { storage }: Disk,
  bytes: number,
  { machine, node, known }: { readonly machine: Machine; readonly node: string; readonly known: Subject },
): readonly SomeLoad[] {
  return thick(known, { node, storage: storage ?? machine.storage.disks }, bytes)
}

interface MovedDisk {
  readonly at: StorageRef
  /** The full size. How much of it is in use is not known. */
  readonly bytes: number
}

/** Returns the disks of a step that are copied to another storage, or to a local storage of another node. */
function movedDisks(step: StepOf<'move-disks' | 'move'>, known: Subject): readonly MovedDisk[] {
  const config = known.guests.get(step.vmid)?.config ?? {}
  const bytesAt = (at: StorageRef, key: string) => ({ at, bytes: sizeOfDisk(config, key) ?? 0 })
  if (step.kind === 'move-disks') return step.disks.map(({ key, to }) => bytesAt({ node: step.node, storage: to }, key))
  const before = new Map(
    runningSteps(known).flatMap((other) =>
      other.kind === 'move-disks' && other.vmid === step.vmid && step.needs.includes(other.id)
        ? other.disks.map(({ key, to }) => [key, to] as const)
        : [],
    ),
  )
  return Object.keys(config)
    .filter(isDriveKey)
    .flatMap((key) => {
      const storage = before.get(key) ?? storageOfVolume(parseProperties(config[key], 'file').get('file'))
      if (storage === undefined || storageOf(known.facts, { node: step.node, storage })?.shared !== false) return []
      return [bytesAt({ node: step.to, storage }, key)]
    })
}

/**
 * Returns a note for each thin storage that might be too small for the disks that move there. They use less than their
 * full size, and Proxmox does not tell how much, so this is not a problem of the plan.
 */
export function thinSpaceNotes(planned: Planned): readonly string[] {
  const subject = subjectOf(planned)
  const disks = runningSteps(subject)
    .flatMap((step) => (step.kind === 'move-disks' || step.kind === 'move' ? movedDisks(step, subject) : []))
    .filter(({ at }) => isThin(storageOf(subject.facts, at)?.type ?? ''))
  const byPlace = Map.groupBy(disks, ({ at }) => placeOf(storageOf(subject.facts, at), at))
  return [...byPlace].flatMap(([place, all]) => {
    const [first] = all
    const available = first && storageOf(subject.facts, first.at)?.availableBytes
    const bytes = all.reduce((sum, disk) => sum + disk.bytes, 0)
    if (available === undefined || bytes <= available) return []
    return [
      `Storage ${place} has ${sizeText(available)} left. The disks that move there have ${sizeText(bytes)}, and how much of that is in use is not known: look at \`df -h\` in the guest first.`,
    ]
  })
}

/** Returns the space of added disks and of grown disks. */
function loadsOfChange({ machine: name, vmid, node }: StepOf<'update'>, known: Subject): readonly SomeLoad[] {
  const machine = known.machines.get(name)
  const guest = known.guests.get(vmid)
  if (machine === undefined || guest === undefined) return []
  const verdict = known.verdicts.get(name)
  if (verdict === undefined) return []
  const { set, grow } = verdict
  const keys = diskKeys(machine, guest.config)
  const added = machine.disks.flatMap((disk, index) => {
    const key = keys[index + 1] ?? ''
    const isNew = key in set && guest.config[key] === undefined
    return isNew ? loadOfDisk(disk, bytesOf(disk, known), { machine, node, known }) : []
  })
  const grown = Object.entries(grow).flatMap(([key, bytes]) => {
    const storage = storageOfVolume(parseProperties(guest.config[key], 'file').get('file'))
    const more = bytes - (sizeOfDisk(guest.config, key) ?? 0)
    return storage === undefined ? [] : thick(known, { node, storage }, more)
  })
  return [...added, ...grown]
}
