// Writes a file front to back and leaves holes where the bytes are zero.
import { open } from 'node:fs/promises'
import { onDisk } from '../../ports/files/disk-error.ts'

export interface SparseFile {
  write(chunk: Uint8Array): Promise<void>
  /** Gives the file its full length, so that trailing zeros exist. */
  finish(): Promise<void>
  close(): Promise<void>
}

/** What file systems allocate at the least; smaller holes save nothing. */
const BLOCK_BYTES = 4096
const ZEROS = Buffer.alloc(BLOCK_BYTES)

/** Opens `path` emptied: a hole is only right where nothing was before. */
export async function createSparseFile(path: string): Promise<SparseFile> {
  const file = await onDisk(path, () => open(path, 'w'))
  let position = 0
  return {
    async write(chunk) {
      for (const { start, end } of dataRuns(chunk, position)) {
        await onDisk(path, () => writeAll(chunk.subarray(start, end), position + start))
      }
      position += chunk.length
    },
    finish: () => onDisk(path, () => file.truncate(position)),
    close: () => file.close(),
  }

  async function writeAll(bytes: Uint8Array, at: number): Promise<void> {
    // A short write is no error: the rest tells why (a full disk).
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten
    }
  }
}

/** Stretches of `chunk`, in whole blocks of the file it goes to, that hold anything but zeros. */
function* dataRuns(
  chunk: Uint8Array,
  filePosition: number,
): Generator<{ readonly start: number; readonly end: number }> {
  let start: number | undefined
  for (let at = 0; at < chunk.length; ) {
    const end = Math.min(chunk.length, at + BLOCK_BYTES - ((filePosition + at) % BLOCK_BYTES))
    const isZero = ZEROS.subarray(0, end - at).equals(chunk.subarray(at, end))
    if (isZero && start !== undefined) {
      yield { start, end: at }
      start = undefined
    } else if (!isZero) start ??= at
    at = end
  }
  if (start !== undefined) yield { start, end: chunk.length }
}
