// How much room a storage has: what the file system below the data directory says, or a size of the storage's own.
import { closeSync, globSync, lstatSync, mkdirSync, openSync, readSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { failure } from '../errors.ts'
import type { World } from '../world.ts'
import { realPath, type StorageConfig } from './storage-config.ts'

export interface Space {
  readonly total: number
  readonly used: number
  readonly avail: number
}

/** Bytes. A storage without a size of its own has what the file system below the data directory has. */
export function spaceOf(world: World, storage: StorageConfig, node: string): Space {
  const folder = realPath(world.root, storage, { node, shown: storage.path })
  mkdirSync(folder, { recursive: true })
  const sizeBytes = world.storageSizes.get(storage.id)
  if (sizeBytes !== undefined) return spaceWithin(sizeBytes, usedBytes(folder, storage))
  const space = statfsSync(folder)
  return {
    total: space.blocks * space.bsize,
    used: (space.blocks - space.bfree) * space.bsize,
    avail: space.bavail * space.bsize,
  }
}

function spaceWithin(total: number, used: number): Space {
  return { total, used, avail: Math.max(0, total - used) }
}

/** What files take, holes aside; thick LVM has taken the whole of each disk. */
function usedBytes(folder: string, { type }: StorageConfig): number {
  return globSync('**/*', { cwd: folder }).reduce((sum, name) => {
    const file = join(folder, name)
    // A file may go while we look.
    const found = lstatSync(file, { throwIfNoEntry: false })
    if (!found?.isFile()) return sum
    return sum + (type === 'lvm' ? virtualBytes(file) : found.blocks * 512)
  }, 0)
}

/** From the header of the qcow2 file that stands for a logical volume. */
function virtualBytes(file: string): number {
  const descriptor = openSync(file, 'r')
  try {
    const header = Buffer.alloc(32)
    readSync(descriptor, header, 0, header.length, 0)
    return Number(header.readBigUInt64BE(24))
  } finally {
    closeSync(descriptor)
  }
}

/** Whether so many bytes more can be written. */
export function hasRoom(
  world: World,
  { storage, node }: { storage: StorageConfig; node: string },
  bytes: number,
): boolean {
  return !world.storageSizes.has(storage.id) || bytes <= spaceOf(world, storage, node).avail
}

/**
 * Thick LVM takes a disk's whole size when it is made (pve-storage `LVMPlugin.pm`, `alloc_lvm_image`).
 * @throws ApiError in the words of Proxmox
 */
export function requireVolumeGroupRoom(
  world: World,
  { storage, node }: { storage: StorageConfig; node: string },
  bytes: number,
): void {
  if (storage.type !== 'lvm' || hasRoom(world, { storage, node }, bytes)) return
  const kibibytes = (value: number) => Math.floor(value / 1024)
  throw failure(`not enough free space (${kibibytes(spaceOf(world, storage, node).avail)} < ${kibibytes(bytes)})`)
}
