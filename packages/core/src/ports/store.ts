// Bytes by key in a folder that any number of processes share. What is visible there is whole and verified.
import { constants } from 'node:fs'
import { chmod, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { diskError, onDisk, systemCode } from './disk-error.ts'
import { hashFile } from './hash-file.ts'
import { never } from './http/signal.ts'
import { prepareFolder } from './store/folder.ts'
import { blobName, type ParsedBlobName, parseBlobName } from './store/names.ts'
import { claimTemporary, sweepTemporaries } from './store/temporary.ts'
import type { Blob, BlobKey, Clock, Store } from './world.ts'

export interface StoreSettings {
  /** The cache folder; made when absent, and refused when it belongs to somebody else. */
  readonly directory: string
  readonly clock: Clock
}

/** A new layout is a new folder, never a migration. */
const LAYOUT = 'v1'

/** Touches no disk before it is asked for something. */
export function createStore({ directory, clock }: StoreSettings): Store {
  const root = join(directory, LAYOUT)
  const blobs = join(root, 'blobs')
  const temporaries = join(root, 'temporary')
  const running = new Map<BlobKey, Promise<Blob>>()
  let preparing: Promise<void> | undefined

  function prepare(): Promise<void> {
    preparing ??= onDisk(directory, async () => {
      await prepareFolder(directory, [root, blobs, temporaries])
      await sweepTemporaries(temporaries, clock.now())
    }).catch((error: unknown) => {
      preparing = undefined
      throw error
    })
    return preparing
  }

  async function entries(): Promise<readonly ParsedBlobName[]> {
    const names = await readdir(blobs).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return []
      throw diskError(error, blobs)
    })
    return names.map(parseBlobName).filter((entry) => entry !== undefined)
  }

  /** The size is in the name: a blob of another size was cut or grown, and is none. */
  async function isWhole({ name, bytes }: ParsedBlobName): Promise<boolean> {
    const found = await stat(join(blobs, name)).catch(() => undefined)
    return found?.isFile() === true && found.size === bytes
  }

  async function find(key: BlobKey): Promise<Blob | undefined> {
    for (const entry of await entries()) {
      if (entry.key !== key) continue
      const path = join(blobs, entry.name)
      if (await isWhole(entry)) {
        await markUsed(path, clock.now())
        return { key, path, bytes: entry.bytes }
      }
      await rm(path, { force: true, recursive: true }).catch(() => undefined)
    }
    return undefined
  }

  async function make(key: BlobKey, write: (path: string) => Promise<void>, signal: AbortSignal): Promise<Blob> {
    await prepare()
    const temporary = await claimTemporary(temporaries, key, clock.now())
    try {
      await write(temporary.path)
      signal.throwIfAborted()
      return await onDisk(temporary.path, () => publish(key, temporary.path))
    } finally {
      await temporary.release()
    }
  }

  async function publish(key: BlobKey, temporaryPath: string): Promise<Blob> {
    const bytes = await syncFile(temporaryPath)
    await chmod(temporaryPath, 0o444)
    const path = join(blobs, blobName(key, bytes))
    await rename(temporaryPath, path)
    await syncFolder(blobs)
    await markUsed(path, clock.now())
    return { key, path, bytes }
  }

  async function ensure(key: BlobKey, write: (path: string) => Promise<void>, signal = never()): Promise<Blob> {
    signal.throwIfAborted()
    return (await find(key)) ?? make(key, write, signal)
  }

  return {
    find,
    ensure(key, write, signal) {
      const before = running.get(key)
      if (before !== undefined) return before
      const made = ensure(key, write, signal).finally(() => running.delete(key))
      running.set(key, made)
      return made
    },
    async list() {
      const found = await entries()
      const blobsFound = await Promise.all(
        found.map(async ({ key, name, bytes }) => {
          const path = join(blobs, name)
          const status = await stat(path).catch(() => undefined)
          return status === undefined ? undefined : { key, path, bytes, usedAtMs: status.atimeMs }
        }),
      )
      return blobsFound.filter((blob) => blob !== undefined)
    },
    async remove(key) {
      for (const entry of await entries()) {
        if (entry.key === key) await onDisk(entry.name, () => rm(join(blobs, entry.name), { force: true }))
      }
    },
    async verify(key, signal = never()) {
      const blob = await find(key)
      if (blob === undefined) return false
      const [digest, recipe] = key.split('+', 2)
      // What a recipe made cannot be hashed against its key; its size was checked.
      if (recipe !== undefined) return true
      const algorithm = key.startsWith('sha512:') ? 'sha512' : 'sha256'
      const found = await hashFile(blob.path, algorithm, signal)
      if (`${algorithm}:${found}` === digest) return true
      await rm(blob.path, { force: true })
      return false
    },
  }
}

/** Access times are often not kept by the system, so we set them; a blob that is not ours to mark is still usable. */
async function markUsed(path: string, nowMs: number): Promise<void> {
  const { mtimeMs } = await stat(path)
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

/** The rename itself survives a power cut only once the folder is synced; not every system can. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}
