// The folder of finished blobs. A file with a valid name and the size in that name is complete.

import { constants } from 'node:fs'
import { chmod, lstat, open, readdir, rename, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { diskError, onDisk, systemCode } from '../files/disk-error.ts'
import type { Blob, BlobKey, Clock } from '../world.ts'
import { blobName, type ParsedBlobName, parseBlobName } from './blob-names.ts'

export interface Blobs {
  find(key: BlobKey): Promise<Blob | undefined>
  list(): Promise<readonly (Blob & { readonly usedAtMs: number })[]>
  remove(key: BlobKey): Promise<void>
  /** Syncs a finished file and renames it, so that others see it at once and complete. */
  publish(key: BlobKey, temporaryPath: string): Promise<Blob>
}

interface Found extends Blob {
  readonly usedAtMs: number
}

export function createBlobs(folder: string, clock: Clock): Blobs {
  async function entries(): Promise<readonly ParsedBlobName[]> {
    const names = await readdir(folder).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return []
      throw diskError(error, folder)
    })
    return names.map(parseBlobName).filter((entry) => entry !== undefined)
  }

  /** Returns undefined for a file that was truncated, has grown, is a link, or belongs to another user. */
  async function whole({ key, name, bytes }: ParsedBlobName): Promise<Found | undefined> {
    const path = join(folder, name)
    const status = await lstat(path).catch(() => undefined)
    const isOurs = status?.isFile() === true && (getuid === undefined || status.uid === getuid())
    return isOurs && status.size === bytes ? { key, path, bytes, usedAtMs: status.atimeMs } : undefined
  }

  return {
    async find(key) {
      for (const entry of (await entries()).filter((candidate) => candidate.key === key)) {
        const found = await whole(entry)
        if (found !== undefined) {
          await markUsed(found.path, clock.now())
          return { key, path: found.path, bytes: found.bytes }
        }
        await rm(join(folder, entry.name), { force: true, recursive: true }).catch(() => undefined)
      }
      return undefined
    },
    async list() {
      const found = await Promise.all((await entries()).map(whole))
      return found.filter((blob) => blob !== undefined)
    },
    async remove(key) {
      for (const { name } of (await entries()).filter((entry) => entry.key === key)) {
        const path = join(folder, name)
        await onDisk(path, () => rm(path, { force: true, recursive: true }))
      }
    },
    async publish(key, temporaryPath) {
      const bytes = await syncFile(temporaryPath)
      await chmod(temporaryPath, 0o444)
      const path = join(folder, blobName(key, bytes))
      await rename(temporaryPath, path)
      await syncFolder(folder)
      await markUsed(path, clock.now())
      return { key, path, bytes }
    },
  }
}

/** Sets the access time, because the system often does not. A failure is ignored: the blob is still usable. */
async function markUsed(path: string, nowMs: number): Promise<void> {
  const { mtimeMs } = await lstat(path)
  await utimes(path, nowMs / 1000, mtimeMs / 1000).catch(() => undefined)
}

async function syncFile(path: string): Promise<number> {
  const file = await open(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0))
  try {
    await file.sync()
    return (await file.stat()).size
  } finally {
    await file.close()
  }
}

/** A rename survives a power failure only once the folder is synced. Some systems cannot do that. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}
