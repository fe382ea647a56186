// Writes a file front to back and leaves holes where the bytes are zero.
import { open } from 'node:fs/promises'
import { onDisk } from '../../ports/files/disk-error.ts'
import { dataRuns } from '../data-runs.ts'

export interface SparseFile {
  write(chunk: Uint8Array): Promise<void>
  /** Gives the file its full length, so that trailing zeros exist. */
  finish(): Promise<void>
  close(): Promise<void>
}

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
