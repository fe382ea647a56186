// A file that a download is still filling, read from its beginning as far as it is whole, again when it is begun again.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Follower } from '../world.ts'
import { onDisk } from './disk-error.ts'

export interface GrowingFile {
  readonly path: string
  readonly handle: FileHandle
  /** As many are there, in one piece from the beginning. */
  bytes(): number
  state(): 'growing' | 'whole' | 'failed'
  /** Called whenever any of that changes. @returns what ends it */
  watch(listener: () => void): () => void
  /** To be told by the one that fills the file. */
  readonly follower: Follower
  /** No more will come: the file is whole, or never will be. */
  end(failure?: unknown): void
  /** How often it was begun again. */
  beginnings(): number
  /**
   * All its bytes in order, as they come. @throws an error without meaning when the file is begun again; the failure
   * that it ended with
   */
  chunks(): AsyncGenerator<Uint8Array>
  /** Waits until no more will come, or until it is begun again after so many beginnings. */
  settled(beginnings: number): Promise<'whole' | 'failed' | 'begun again'>
  close(): Promise<void>
}

const READ_BYTES = 1024 * 1024

/** Opens the file, made where it is not there yet: under its final name it would be too late. @throws ProvisionError `DISK` */
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
      if (beginnings !== mine) throw new Error('The file was begun again.')
      if (ended?.failure !== undefined) throw ended.failure
      if (bytes === position) return
      const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, bytes - position))
      const { bytesRead } = await onDisk(path, () => file.read(chunk, 0, chunk.length, position))
      at += bytesRead
      // Cut while it was read: the next look says so.
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
      if (beginnings !== before) return 'begun again'
      return ended?.failure === undefined ? 'whole' : 'failed'
    },
  }
}
