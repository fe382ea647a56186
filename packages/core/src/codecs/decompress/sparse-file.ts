// Writes a file from start to end and leaves holes where the bytes are zero.
import { open } from 'node:fs/promises'
import { onDisk } from '../../ports/files/disk-error.ts'
import { dataRuns } from '../data-runs.ts'

export interface SparseFile {
  write(chunk: Uint8Array): Promise<void>
  /** Sets the full length of the file, so that trailing zeros exist. */
  finish(): Promise<void>
  close(): Promise<void>
}

/** Opens `path` for writing and truncates it. Old content would show through the holes. */
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
    // A short write is not an error. The next write reports the cause, such as a full disk.
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten
    }
  }
}
