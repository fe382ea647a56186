// Reads a small body into memory, up to a limit.
import type { BodySink } from './body.ts'

export interface MemorySink extends BodySink {
  bytes(): Uint8Array
}

const PIECE_BYTES = 16 * 1024

/** @param onOverflow creates the error for a body beyond `limitBytes`. Without it, the rest of the body is not read. */
export function createMemorySink(limitBytes: number, onOverflow?: () => Error): MemorySink {
  let buffer = Buffer.allocUnsafe(PIECE_BYTES)
  let length = 0
  return {
    target() {
      if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)])
      return buffer.subarray(length)
    },
    commit(count) {
      length += count
      if (length > limitBytes && onOverflow !== undefined) throw onOverflow()
      return length >= limitBytes && onOverflow === undefined ? 'enough' : 'more'
    },
    ready: () => Promise.resolve(),
    bytes: () => Uint8Array.from(buffer.subarray(0, Math.min(length, limitBytes))),
  }
}
