// Stores blobs by key in a folder that several processes share. A visible blob is complete and verified.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '../../manifest/manifest.ts'
import { onDisk } from '../files/disk-error.ts'
import { hashFile } from '../files/hash-file.ts'
import { ownSignal } from '../network/own-signal.ts'
import type { Blob, BlobKey, Clock, Store } from '../world.ts'
import { createBlobs } from './blobs.ts'
import { makeFolders, refuseForeign } from './folder.ts'
import { claimTemporary, sweepTemporaries } from './temporary.ts'

export interface StoreSettings {
  /**
   * The cache folder. It is created if absent, and refused if it belongs to another user. Its content is trusted, so
   * never restore it from a place that others can write.
   */
  readonly directory: string
  readonly clock: Clock
}

interface Publication {
  /** If absent, `write` returns it. */
  readonly key?: BlobKey
  readonly write: (path: string) => Promise<BlobKey>
  readonly signal: AbortSignal
}

/** A new layout gets a new folder. There are no migrations. */
const LAYOUT = 'v1'

/** Creates a store. It does not touch the disk until one of its functions is called. */
export function createStore({ directory, clock }: StoreSettings): Store {
  const root = join(directory, LAYOUT)
  const folders = { blobs: join(root, 'blobs'), temporaries: join(root, 'temporary') }
  const blobs = createBlobs(folders.blobs, clock)
  const running = new Map<BlobKey, Promise<Blob>>()
  const look = once(() => refuseForeign([directory, root, folders.blobs]))
  const prepare = once(() =>
    onDisk(directory, async () => {
      await makeFolders(directory, [root, folders.blobs, folders.temporaries])
      await sweepTemporaries(folders.temporaries, clock.now())
    }),
  )

  async function find(key: BlobKey): Promise<Blob | undefined> {
    await look()
    return blobs.find(key)
  }

  async function make(key: BlobKey, write: (path: string) => Promise<void>, signal: AbortSignal): Promise<Blob> {
    const before = await find(key)
    return before ?? publish({ key, signal, write: (path) => write(path).then(() => key) })
  }

  async function publish({ key, write, signal }: Publication): Promise<Blob> {
    await prepare()
    const temporary = await claimTemporary(folders.temporaries, { nowMs: clock.now(), ...(key && { key }) })
    try {
      const found = await write(temporary.path)
      signal.throwIfAborted()
      return await onDisk(temporary.path, () => blobs.publish(found, temporary.path))
    } finally {
      await temporary.release()
    }
  }

  return {
    find,
    async ensure(key, write, signal) {
      signal?.throwIfAborted()
      const made = running.get(key) ?? make(key, write, ownSignal(signal)).finally(() => running.delete(key))
      running.set(key, made)
      return made
    },
    async receive(write, signal) {
      signal?.throwIfAborted()
      await look()
      return publish({ write, signal: ownSignal(signal) })
    },
    async list() {
      await look()
      return blobs.list()
    },
    remove: (key) => blobs.remove(key),
    async verify(key, { digest = digestIn(key), signal } = {}) {
      const blob = await find(key)
      if (blob === undefined || (await isRight(blob.path, digest, ownSignal(signal)))) return blob !== undefined
      await onDisk(blob.path, () => rm(blob.path, { force: true }))
      return false
    },
  }
}

/** Returns undefined for a blob that a recipe made. */
function digestIn(key: BlobKey): Digest | undefined {
  return key.includes('+') ? undefined : (key as Digest)
}

async function isRight(path: string, digest: Digest | undefined, signal: AbortSignal): Promise<boolean> {
  if (digest === undefined) return false
  const algorithm = digest.startsWith('sha512:') ? 'sha512' : 'sha256'
  return `${algorithm}:${await hashFile(path, algorithm, signal)}` === digest
}

/** Runs the action once, and again only if it failed. */
function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= action().catch((error: unknown) => {
      done = undefined
      throw error
    })
    return done
  }
}
