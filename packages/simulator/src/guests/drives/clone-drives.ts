// Clones drives: linked to their bases, mirrored from a running machine, or copied.
import { type Drive, formatDrive, formatSize, isCloudInit, withOptions } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { linkImage, volumeSize } from '../../storage/images.ts'
import { type StorageConfig, storageRules } from '../../storage/storage-config.ts'
import type { Volume } from '../../storage/volume.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { World } from '../../world.ts'
import { withStorageLock } from '../guest-locks.ts'
import { type CopyRequest, copyImage } from './copy-image.ts'
import { emptyCloudInit } from './empty-cloud-init.ts'

/** A drive that gets its own volume. */
export interface ClonedDrive {
  readonly key: string
  readonly drive: Drive
  readonly volume: Volume
  readonly linked: boolean
  /** The storage of the new volume. */
  readonly storage: StorageConfig
  /** Default: the format of the source. */
  readonly format?: string
}

export interface CloneWork {
  readonly world: World
  readonly node: string
  readonly task: TaskContext
  readonly source: Machine
  /** The snapshot of the source whose content is copied. */
  readonly snapshot?: string | undefined
  readonly vmid: number
  readonly limit: NonNullable<CopyRequest['limit']>
}

/** Creates the new volume. Returns it with its text for the configuration. */
export async function cloneDrive(work: CloneWork, cloned: ClonedDrive): Promise<{ volume: Volume; text: string }> {
  const { key, drive, linked } = cloned
  work.task.log(`create ${linked ? 'linked' : 'full'} clone of drive ${key} (${cloned.volume.volid})`)
  const volume = linked ? await link(work, cloned) : await copy(work, cloned)
  const size = formatSize(await volumeSize(volume))
  return {
    volume,
    text: formatDrive(withOptions({ file: volume.volid, options: drive.options }, { size, format: undefined })),
  }
}

/** Disks in use are copied by QEMU itself. */
export function isMirrored(
  { source, snapshot }: Pick<CloneWork, 'source' | 'snapshot'>,
  { drive, linked }: ClonedDrive,
): boolean {
  return source.power !== undefined && snapshot === undefined && !linked && !isCloudInit(drive)
}

function link({ world, node, task, vmid }: CloneWork, { volume }: ClonedDrive): Promise<Volume> {
  const request = { vmid, place: { root: world.root, node }, log: task.log, version: world.version }
  return withStorageLock(world, { node, storage: volume.storage, task }, () =>
    linkImage(world.storage.storages, volume, request),
  )
}

function copy(work: CloneWork, cloned: ClonedDrive): Promise<Volume> {
  const { world, node, task, vmid, limit } = work
  const { volume, storage, key } = cloned
  const rules = storageRules[storage.type]
  const wanted = cloned.format ?? volume.format
  const target = { storage, vmid, format: rules.formats.includes(wanted) ? wanted : rules.defaultFormat }
  if (isCloudInit(cloned.drive)) return emptyCloudInit(world, task, { node, source: volume, ...target })
  const mirror = isMirrored(work, cloned) ? { mirrorOf: key } : {}
  return copyImage(world, { node, task, source: volume, snapshot: work.snapshot, target, limit, ...mirror })
}
