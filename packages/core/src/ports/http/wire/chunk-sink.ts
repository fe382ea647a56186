// Collects a body as chunks for a reader that has its own pace.
import type { BodySink } from './body.ts'

export interface ChunkSink extends BodySink {
  /**
   * Returns the next chunk, or undefined once `end` was called and all chunks are taken. Rejects with the error of
   * `fail`.
   */
  next(): Promise<Uint8Array | undefined>
  end(): void
  fail(error: unknown): void
}

const CHUNK_BYTES = 256 * 1024
/** Enough to bridge a pause on either side, but little memory. */
const MOST_CHUNKS = 8

export function createChunkSink(): ChunkSink {
  const chunks: Uint8Array[] = []
  let buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  let filled = 0
  let hasEnded = false
  let failure: { readonly error: unknown } | undefined
  let wakeReader: (() => void) | undefined
  let wakeWriter: (() => void) | undefined

  function pass(): void {
    if (filled === 0) return
    chunks.push(buffer.subarray(0, filled))
    buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
    filled = 0
    wakeReader?.()
  }

  return {
    target: () => buffer.subarray(filled),
    commit(count) {
      filled += count
      if (filled === buffer.length) pass()
      return chunks.length >= MOST_CHUNKS ? 'wait' : 'more'
    },
    async ready() {
      while (chunks.length >= MOST_CHUNKS) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wakeWriter = resolve
        await promise
      }
    },
    async next() {
      for (;;) {
        const chunk = chunks.shift()
        if (chunk !== undefined) {
          wakeWriter?.()
          return chunk
        }
        if (failure !== undefined) throw failure.error
        if (hasEnded) return undefined
        const { promise, resolve } = Promise.withResolvers<void>()
        wakeReader = resolve
        await promise
      }
    },
    end() {
      pass()
      hasEnded = true
      wakeReader?.()
    },
    // Deliver what came before the failure, including the chunk that is not full.
    fail(error) {
      pass()
      failure = { error }
      wakeReader?.()
    },
  }
}
