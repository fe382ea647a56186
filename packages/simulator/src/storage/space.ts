// How much room a storage has: what the file system below the data directory says.
import { mkdirSync, statfsSync } from 'node:fs'
import type { World } from '../world.ts'
import { realPath, type StorageConfig } from './storage-config.ts'

/** Bytes, as the file system below the data directory has them. */
export function spaceOf(
  world: World,
  storage: StorageConfig,
  node: string,
): { total: number; used: number; avail: number } {
  const folder = realPath(world.root, storage, { node, shown: storage.path })
  mkdirSync(folder, { recursive: true })
  const space = statfsSync(folder)
  return {
    total: space.blocks * space.bsize,
    used: (space.blocks - space.bfree) * space.bsize,
    avail: space.bavail * space.bsize,
  }
}
