// Copies a volume to another node's storage: as a file if both are files, else its content.
import { existsSync } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { failure } from '../../errors.ts'
import { allocateImage, freeDiskName, freeImage, hiddenFormat, suffix, volumeSize } from '../../storage/images.ts'
import { convertInto } from '../../storage/qemu-img.ts'
import { type StorageConfig, storageRules } from '../../storage/storage-config.ts'
import { resolveVolume, type Volume } from '../../storage/volume.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { World } from '../../world.ts'
import { withStorageLock } from '../guest-locks.ts'
import { copyGuestDisk } from '../inside/guest-disk.ts'

export interface Transfer {
  readonly task: TaskContext
  readonly volume: Volume
  readonly node: string
  readonly storage: StorageConfig
  readonly keepsName: boolean
}

/** If the name is taken on the target, uses the next free one, unless the volume must keep its name. */
export async function transferVolume(world: World, transfer: Transfer): Promise<Volume> {
  const { task, volume, node, storage } = transfer
  const place = { root: world.root, node }
  const { formats, defaultFormat } = storageRules[storage.type]
  const format = formats.includes(volume.format) ? volume.format : defaultFormat
  const name = await nameOn(world, transfer, format)
  const bytes = await volumeSize(volume)
  const image = { vmid: volume.vmid ?? 0, format, name, bytes, log: () => undefined }
  const made = await withStorageLock(world, { node, storage, task }, () =>
    allocateImage(world.storage.storages, storage, { image, place }),
  )
  try {
    await world.clock.during(() => copyContent(volume, made, task))
    copyGuestDisk(volume, made)
    return made
  } catch (error) {
    await freeImage(made)
    throw error
  }
}

async function nameOn(world: World, { volume, node, storage, keepsName }: Transfer, format: string): Promise<string> {
  const place = { root: world.root, node }
  const wanted = `${volume.name.replace(/\.(?:qcow2|raw|vmdk)$/, '')}${suffix(storage, format)}`
  const isFile = storageRules[storage.type].files
  const volid = isFile ? `${storage.id}:${volume.vmid}/${wanted}` : `${storage.id}:${wanted}`
  if (!existsSync(resolveVolume(world.storage.storages, volid, place).realPath)) return wanted
  if (keepsName) throw failure(`volume '${volid}' already exists`)
  return freeDiskName(storage, { vmid: volume.vmid ?? 0, format }, place)
}

/** Snapshots are inside the file, so they are copied with it. */
async function copyContent(from: Volume, to: Volume, task: TaskContext): Promise<void> {
  await mkdir(dirname(to.realPath), { recursive: true })
  if (hiddenFormat(from) === hiddenFormat(to) && storageRules[from.storage.type].files) {
    await copyFile(from.realPath, to.realPath)
    return
  }
  const format = { from: hiddenFormat(from), to: hiddenFormat(to) }
  const target = { file: to.realPath, format: format.to }
  await convertInto(target, { file: from.realPath, format: format.from }, { signal: task.signal })
}
