// Reads a file while a download still fills it, up to the last contiguous byte. Detects when the download starts over.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Follower } from '../world.ts'
import { onDisk } from './disk-error.ts'

export interface GrowingFile {
  readonly path: string
  readonly handle: FileHandle
  /** How many bytes are there, contiguous from the start. */
  bytes(): number
  state(): 'growing' | 'whole' | 'failed'
  /** Calls `listener` after each change. @returns a function that removes the listener */
  watch(listener: () => void): () => void
  /** The writer of the file reports its progress here. */
  readonly follower: Follower
  /** Marks the file as complete or, with `failure`, as failed. No more bytes will come. */
  end(failure?: unknown): void
  /** How often the download has started over. */
  beginnings(): number
  /**
   * Yields all bytes in order, as they arrive. @throws an error without a meaning of its own if the download starts
   * over; the failure that was given to `end`
   */
  chunks(): AsyncGenerator<Uint8Array>
  /** Waits until no more bytes will come, or until the download starts over more often than `beginnings`. */
  settled(beginnings: number): Promise<'whole' | 'failed' | 'started again'>
  close(): Promise<void>
}

const READ_BYTES = 1024 * 1024

/**
 * Opens the file, and creates it if it does not exist yet. Its final name appears only after the download, which is too
 * late. @throws ProvisionError `DISK`
 */
export async function openGrowingFile(path: string): Promise<GrowingFile> {
  const { O_RDONLY, O_CREAT, O_NOFOLLOW } = constants
  const file = await onDisk(path, () => open(path, O_RDONLY | O_CREAT | (O_NOFOLLOW ?? 0), 0o600))
  let [bytes, beginnings] = [0, 0]
  let ended: { readonly failure?: unknown } | undefined
  let change = Promise.withResolvers<void>()
  const listeners = new Set<() => void>()

  function changed(): void {
    change.resolve()
    change = Promise.withResolvers()
    for (const listener of listeners) listener()
  }

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const mine = beginnings
    for (let at = 0; ; ) {
      const position = at
      await until(() => bytes > position || ended !== undefined || beginnings !== mine)
      if (beginnings !== mine) throw new Error('The file was started again.')
      if (ended?.failure !== undefined) throw ended.failure
      if (bytes === position) return
      const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, bytes - position))
      const { bytesRead } = await onDisk(path, () => file.read(chunk, 0, chunk.length, position))
      at += bytesRead
      // The file may be truncated during the read. The next pass of the loop detects that.
      if (bytesRead > 0 && beginnings === mine) yield chunk.subarray(0, bytesRead)
    }
  }

  async function until(isReady: () => boolean): Promise<void> {
    while (!isReady()) await change.promise
  }

  return {
    path,
    handle: file,
    bytes: () => bytes,
    state: () => (ended === undefined ? 'growing' : ended.failure === undefined ? 'whole' : 'failed'),
    watch(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    follower: {
      grew(to) {
        bytes = to
        changed()
      },
      beganAnew() {
        if (bytes === 0) return
        bytes = 0
        beginnings += 1
        changed()
      },
    },
    end(failure) {
      ended ??= failure === undefined ? {} : { failure }
      changed()
    },
    beginnings: () => beginnings,
    chunks,
    close: () => file.close(),
    async settled(before) {
      await until(() => ended !== undefined || beginnings !== before)
      if (beginnings !== before) return 'started again'
      return ended?.failure === undefined ? 'whole' : 'failed'
    },
  }
}
