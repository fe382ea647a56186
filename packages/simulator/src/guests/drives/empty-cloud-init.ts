// Clones or moves a cloud-init drive: creates an empty volume, because the next start writes it anyway.
import { allocateImage, suffix } from '../../storage/images.ts'
import type { StorageConfig } from '../../storage/storage-config.ts'
import type { Volume } from '../../storage/volume.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { World } from '../../world.ts'
import { withStorageLock } from '../guest-locks.ts'
import { tellAllocated } from './copy-image.ts'

interface EmptyDrive {
  readonly node: string
  readonly source: Volume
  readonly storage: StorageConfig
  readonly format: string
  readonly vmid: number
}

export async function emptyCloudInit(world: World, task: TaskContext, drive: EmptyDrive): Promise<Volume> {
  const { node, source, storage, format, vmid } = drive
  const name = `vm-${vmid}-cloudinit${suffix(storage, format)}`
  const image = { vmid, format, name, bytes: 4 * 1024 * 1024, log: task.log }
  const volume = await withStorageLock(world, { node, storage, task }, () =>
    allocateImage(world.storage.storages, storage, { image, place: { root: world.root, node } }),
  )
  tellAllocated(world, task, { source, volume })
  return volume
}
