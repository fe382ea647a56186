// The space of a storage: that of the file system below the data directory, or a size of its own.
import { closeSync, globSync, lstatSync, mkdirSync, openSync, readSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { failure } from '../errors.ts'
import type { World } from '../world.ts'
import { requireBackends } from './activate.ts'
import { realPath, type StorageConfig } from './storage-config.ts'

export interface Space {
  readonly total: number
  readonly used: number
  readonly avail: number
}

/** Returns bytes. A storage without a size of its own has the space of the file system. */
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

/** Returns the used bytes of files without holes. Thick LVM uses the full size of each disk. */
function usedBytes(folder: string, { type }: StorageConfig): number {
  return globSync('**/*', { cwd: folder }).reduce((sum, name) => {
    const file = join(folder, name)
    // A file may be removed meanwhile.
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

/** Returns true if this many more bytes fit. */
export function hasRoom(
  world: World,
  { storage, node }: { storage: StorageConfig; node: string },
  bytes: number,
): boolean {
  return !world.storageSizes.has(storage.id) || bytes <= spaceOf(world, storage, node).avail
}

/**
 * Thick LVM allocates the full size of a disk at once (pve-storage `LVMPlugin.pm`, `alloc_lvm_image`).
 * @throws ApiError with Proxmox's text
 */
export function requireVolumeGroupRoom(
  world: World,
  { storage, node }: { storage: StorageConfig; node: string },
  bytes: number,
): void {
  requireBackends(world.storage, storage)
  if (storage.type !== 'lvm' || hasRoom(world, { storage, node }, bytes)) return
  const kibibytes = (value: number) => Math.floor(value / 1024)
  throw failure(`not enough free space (${kibibytes(spaceOf(world, storage, node).avail)} < ${kibibytes(bytes)})`)
}
