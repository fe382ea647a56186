// Writes a body to a file. The kernel reads into a buffer, which is hashed and written without a copy.
import * as fs from 'node:fs'
import { diskError } from '../../files/disk-error.ts'
import type { BodySink } from './body.ts'

export interface FileSink extends BodySink {
  /** Offset of the next byte. */
  position(): number
  end(): number
  /** Moves the end, to leave the rest to another connection or to take it back. It never exceeds `answerEnd`. */
  limitTo(end: number): void
  /** Offset at which the answer ends. */
  readonly answerEnd: number
  /** Writes the rest and waits for all writes. @throws ProvisionError `DISK` */
  finish(): Promise<void>
}

export interface FileSinkSettings {
  readonly file: { readonly fd: number }
  readonly path: string
  readonly pool: BufferPool
  readonly from: number
  readonly end: number
  /** Called when bytes have arrived. Their memory is reused after they are written. */
  readonly onBytes: (bytes: Uint8Array, from: number) => void
  /** Called when bytes are written to the file. */
  readonly onWritten: (from: number, to: number) => void
}

/** The buffers of one connection. */
export interface BufferPool {
  take(): Buffer
  give(buffer: Buffer): void
  isEmpty(): boolean
}

// Measured: 256 KiB is faster than 64 KiB and 1 MiB. At 1 MiB, bytes leave the processor's cache before they are
// hashed.
const BUFFER_BYTES = 256 * 1024
const BUFFERS = 4

export function createBufferPool(): BufferPool {
  const free: Buffer[] = []
  let made = 0
  return {
    take() {
      const buffer = free.pop()
      if (buffer !== undefined) return buffer
      made += 1
      return Buffer.allocUnsafeSlow(BUFFER_BYTES)
    },
    give(buffer) {
      free.push(buffer)
    },
    isEmpty: () => free.length === 0 && made >= BUFFERS,
  }
}

export function createFileSink({ file, path, pool, from, end, onBytes, onWritten }: FileSinkSettings): FileSink {
  let buffer = pool.take()
  let filled = 0
  let position = from
  let limit = end
  let writing = 0
  let failure: unknown
  let wake: (() => void) | undefined

  function flush(): void {
    if (filled === 0) return
    const full = buffer
    const bytes = full.subarray(0, filled)
    const at = position - filled
    onBytes(bytes, at)
    buffer = pool.take()
    filled = 0
    write(full, { offset: 0, length: bytes.length, at })
  }

  function write(full: Buffer, { offset, length, at }: { offset: number; length: number; at: number }): void {
    writing += 1
    fs.write(file.fd, full, offset, length, at, (error, written) => {
      writing -= 1
      if (error === null && written < length) {
        return write(full, { offset: offset + written, length: length - written, at: at + written })
      }
      if (error === null) onWritten(at - offset, at + length)
      else failure ??= diskError(error, path)
      pool.give(full)
      wake?.()
    })
  }

  async function until(isReady: () => boolean): Promise<void> {
    while (failure === undefined && !isReady()) {
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      await promise
    }
    if (failure !== undefined) throw failure
  }

  return {
    target: () => buffer.subarray(filled),
    commit(count) {
      if (failure !== undefined) throw failure
      const taken = Math.min(count, limit - position)
      filled += taken
      position += taken
      if (filled === buffer.length) flush()
      if (position >= limit) return 'enough'
      return pool.isEmpty() ? 'wait' : 'more'
    },
    ready: () => until(() => !pool.isEmpty()),
    position: () => position,
    end: () => limit,
    answerEnd: end,
    limitTo(newEnd) {
      limit = Math.max(position, Math.min(end, newEnd))
    },
    async finish() {
      flush()
      try {
        await until(() => writing === 0)
      } finally {
        // A buffer that is being written must not be reused until the write is done.
        while (writing > 0)
          await until(() => writing === 0).catch(() => new Promise((resolve) => setImmediate(resolve)))
        pool.give(buffer)
      }
    },
  }
}
