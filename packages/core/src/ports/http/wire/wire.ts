// The receiving side of a socket. The kernel reads directly into the memory of the current reader.
import { fromSocketError, httpError } from '../failure.ts'
import type { HttpContext } from '../settings.ts'
import { openSocket } from './socket.ts'

/** The reader's answer to new bytes: read more, wait until a promise resolves, or done with this value. */
export type Taken<T> = 'more' | { readonly until: Promise<void> } | { readonly value: T; readonly rest?: Uint8Array }

export interface Reader<T> {
  /**
   * Returns memory for the next bytes, never empty. Without it, or if it returns undefined, the wire's own buffer is
   * used.
   */
  target?(): Uint8Array | undefined
  /**
   * Takes the bytes that arrived: in the last target (`isInPlace`) or elsewhere. Their memory is reused. After a
   * request to wait, up to 64 KiB that were already read may still come.
   */
  take(bytes: Uint8Array, isInPlace: boolean): Taken<T>
  /** The other side has closed the connection. @throws Error if that is too early */
  ended(): T
  /** The transfer counts as stalled if fewer than `bytes` arrive in `ms`. */
  readonly pace: { readonly bytes: number; readonly ms: number }
}

export interface Wire {
  readonly isPrivate: boolean
  readonly viaProxy?: URL
  send(text: string): void
  /** Passes everything that arrives to one reader. @throws ProvisionError `HTTP`; the signal's reason when it aborts */
  read<T>(reader: Reader<T>): Promise<T>
  /** True if no bytes are waiting to be read and more can be sent. */
  isIdle(): boolean
  close(): void
}

export interface WireOptions {
  readonly url: URL
  readonly publicOnly?: boolean
  readonly signal: AbortSignal
}

/** The current reader, without its type parameter. */
interface Session {
  readonly target: () => Uint8Array | undefined
  readonly take: (bytes: Uint8Array, isInPlace: boolean) => boolean
  readonly ended: () => void
  readonly fail: (error: unknown) => void
}

const SCRATCH_BYTES = 64 * 1024
const LEFTOVER_LIMIT_BYTES = 1024 * 1024

/** Connects to the server. @throws ProvisionError `HTTP`; the signal's reason when it aborts */
export async function openWire(context: HttpContext, { url, signal, publicOnly = false }: WireOptions): Promise<Wire> {
  const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  let session: Session | undefined
  let given: Uint8Array | undefined
  /** Bytes that arrived without a reader, such as the start of a body that came with its head. */
  let leftover: Uint8Array = Buffer.alloc(0)
  let receivedBytes = 0
  let isWaiting = false

  const { socket, ...opened } = await openSocket(context, {
    url,
    publicOnly,
    signal,
    onRead: {
      buffer() {
        given = session?.target()
        return given ?? scratch
      },
      callback(count, buffer) {
        receivedBytes += count
        const isInPlace =
          given !== undefined && buffer.buffer === given.buffer && buffer.byteOffset === given.byteOffset
        return deliver(buffer.subarray(0, count), isInPlace)
      },
    },
  })

  function deliver(bytes: Uint8Array, isInPlace: boolean): boolean {
    try {
      return session === undefined ? keep(bytes) : session.take(bytes, isInPlace)
    } catch (error) {
      fail(error)
      return false
    }
  }

  // TLS delivers data that is already decrypted even after the socket was paused.
  function keep(bytes: Uint8Array): false {
    leftover = Buffer.concat([leftover, bytes])
    if (leftover.length > LEFTOVER_LIMIT_BYTES) throw httpError(url, 'sends more than was requested.')
    return false
  }

  function fail(error: unknown): void {
    socket.destroy()
    session?.fail(signal.aborted ? signal.reason : fromSocketError(url, error))
  }

  function waitFor(until: Promise<void>): void {
    isWaiting = true
    until.then(() => {
      isWaiting = false
      socket.resume()
    }, fail)
  }

  function begin<T>(reader: Reader<T>, resolve: (value: T) => void, reject: (error: unknown) => void): Session {
    return {
      target: () => reader.target?.(),
      take(bytes, isInPlace) {
        const taken = reader.take(bytes, isInPlace)
        if (taken === 'more') return true
        if ('until' in taken) waitFor(taken.until)
        else settle(taken)
        return false
      },
      ended() {
        try {
          resolve(reader.ended())
        } catch (error) {
          fail(error)
        }
      },
      fail: reject,
    }
    function settle({ value, rest }: { readonly value: T; readonly rest?: Uint8Array }): void {
      session = undefined
      if (rest !== undefined && rest.length > 0) keep(rest)
      resolve(value)
    }
  }

  function watch({ pace }: Pick<Reader<unknown>, 'pace'>): NodeJS.Timeout {
    let before = receivedBytes
    return setInterval(() => {
      if (!isWaiting && receivedBytes - before < pace.bytes) fail(stalled(url, pace))
      before = receivedBytes
    }, pace.ms)
  }

  const abort = (): void => fail(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  socket.on('error', fail)
  socket.on('end', () => session?.ended())
  socket.on('close', () => {
    signal.removeEventListener('abort', abort)
    session?.ended()
  })
  if (signal.aborted) abort()

  return {
    ...opened,
    send: (text) => void socket.write(text),
    async read(reader) {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof reader.ended>>>()
      session = begin(reader, resolve as (value: unknown) => void, reject)
      const timer = watch(reader)
      const first = leftover
      leftover = Buffer.alloc(0)
      if (first.length === 0 || deliver(first, false)) {
        if (socket.destroyed) session?.ended()
        else socket.resume()
      }
      try {
        return await promise
      } finally {
        clearInterval(timer)
        session = undefined
      }
    },
    isIdle: () => leftover.length === 0 && !socket.destroyed,
    close: () => void socket.destroy(),
  }
}

function stalled(url: URL, { bytes, ms }: Reader<unknown>['pace']): Error {
  return httpError(url, `stalled: fewer than ${bytes} bytes in ${ms / 1000} s.`, { transient: true })
}
