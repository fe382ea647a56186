// Computes the digest of a file that is written in any order. Bytes that come in order are hashed in memory. Other
// bytes are read back right after they were written, while they are still in the page cache.
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { onDisk } from '../../files/disk-error.ts'

export interface OrderedDigest {
  /** Offers bytes that will be written at `from`. They must not change until `written` is called. */
  offer(bytes: Uint8Array, from: number): void
  /**
   * Reports that the bytes offered at `from` are written and that their memory may be reused. The file is contiguous up
   * to `end`.
   */
  written(from: number, end: number): void
  /** Hashes the first `end` bytes. @returns lower-case hex @throws ProvisionError `DISK` */
  finish(end: number): Promise<string>
  /** Stops reading. */
  stop(): Promise<void>
}

/** Fits into the cache of a processor. With 512 KiB, reading takes three times the system time. */
const PIECE_BYTES = 256 * 1024

export function createOrderedDigest(file: FileHandle, path: string, algorithm: 'sha256' | 'sha512'): OrderedDigest {
  const hash = createHash(algorithm)
  /** Bytes that are offered and not yet written, by position. */
  const inMemory = new Map<number, Uint8Array>()
  let hashedTo = 0
  let writtenTo = 0
  let reading: Promise<void> | undefined
  let failure: unknown
  let isStopped = false

  function hashMemory(): void {
    for (let bytes = inMemory.get(hashedTo); bytes !== undefined; bytes = inMemory.get(hashedTo)) {
      inMemory.delete(hashedTo)
      hash.update(bytes)
      hashedTo += bytes.length
    }
  }

  async function readBack(): Promise<void> {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES)
    for (hashMemory(); hashedTo < writtenTo && !isStopped; hashMemory()) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(PIECE_BYTES, writtenTo - hashedTo), hashedTo)
      if (bytesRead === 0) throw new Error('The file became shorter while it was written.')
      hash.update(buffer.subarray(0, bytesRead))
      hashedTo += bytesRead
    }
  }

  function catchUp(end: number): void {
    writtenTo = Math.max(writtenTo, end)
    if (reading !== undefined || hashedTo >= writtenTo || isStopped) return
    reading = onDisk(path, readBack)
      .catch((error: unknown) => {
        failure ??= error
        isStopped = true
      })
      .finally(() => {
        reading = undefined
        catchUp(writtenTo)
      })
  }

  return {
    offer(bytes, from) {
      inMemory.set(from, bytes)
      if (reading === undefined) hashMemory()
    },
    written(from, end) {
      inMemory.delete(from)
      catchUp(end)
    },
    async finish(end) {
      catchUp(end)
      while (reading !== undefined) await reading
      if (failure !== undefined) throw failure
      return hash.copy().digest('hex')
    },
    async stop() {
      isStopped = true
      while (reading !== undefined) await reading
    },
  }
}
