// A digest of a file that is written in any order: with the bytes in memory while they come in order, else read back
// right after they were written, so from the system's memory rather than from the disk.
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { onDisk } from '../../files/disk-error.ts'

export interface OrderedDigest {
  /** Bytes that are about to be written at `from`; they stay as they are until `written`. */
  offer(bytes: Uint8Array, from: number): void
  /** What was offered at `from` is in the file, and its memory may be used again; everything before `end` is there. */
  written(from: number, end: number): void
  /** @returns lower-case hex over the first `end` bytes, once all of them are hashed. @throws ProvisionError `DISK` */
  finish(end: number): Promise<string>
  /** Stops reading. */
  stop(): Promise<void>
}

const PIECE_BYTES = 512 * 1024

export function createOrderedDigest(file: FileHandle, path: string, algorithm: 'sha256' | 'sha512'): OrderedDigest {
  const hash = createHash(algorithm)
  /** Offered and not yet written, by position. */
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
