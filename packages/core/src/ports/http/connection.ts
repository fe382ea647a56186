// One HTTP/1.1 connection whose bodies are read by the kernel straight into the receiver's memory.
//
// Why not `node:http`: its parser copies each 64 KiB into a new buffer; reading in place halves the processor time of a
// download and a third of its wall time goes (docs/performance.md).
import { createChunkedDecoder } from './chunked.ts'
import { fromSocketError, httpError } from './failure.ts'
import { basicCredentials, proxyAuthorization } from './proxy.ts'
import { parseHead, type ResponseHead } from './response-head.ts'
import type { HttpContext } from './settings.ts'
import { openSocket } from './socket.ts'

/** Takes a body. `wait`: no more until `ready()`; `enough`: the rest is not wanted. */
export interface BodySink {
  /** Memory for the next bytes: never empty, and at least 64 KiB more of it can be had after `wait`. */
  target(): Uint8Array
  /** So many bytes are in the target now. Throws to give up. */
  commit(count: number): 'more' | 'wait' | 'enough'
  ready(): Promise<void>
}

export interface Connection {
  /** Sends a GET and resolves with the head of the answer; the body waits for `read`. */
  get(url: URL, headers?: Readonly<Record<string, string>>): Promise<ResponseHead>
  /** Reads the body of the last answer; `stopped` when the sink had enough before its end. */
  read(sink: BodySink): Promise<'whole' | 'stopped'>
  /** The last body was read whole and the server takes another request. */
  isReusable(): boolean
  readonly isPrivate: boolean
  close(): void
}

export interface ConnectOptions {
  readonly url: URL
  readonly publicOnly?: boolean
  readonly signal: AbortSignal
}

const SCRATCH_BYTES = 64 * 1024
const HEAD_LIMIT_BYTES = 64 * 1024
const LEFTOVER_LIMIT_BYTES = 1024 * 1024

/** False stops reading from the socket. */
type Receiver = (bytes: Uint8Array) => boolean

/** @throws ProvisionError `HTTP`; the signal's reason when it aborts */
export async function connect(context: HttpContext, options: ConnectOptions): Promise<Connection> {
  const { url, signal, publicOnly = false } = options
  const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  let receive: Receiver = keep
  let target: () => Uint8Array = () => scratch
  let settle: { readonly fail: (error: Error) => void; readonly ended: () => void } | undefined
  /** Bytes that came before anybody asked: the beginning of a body, right behind its head. */
  let leftover: Uint8Array = Buffer.alloc(0)
  let head: ResponseHead | undefined
  let reusable = true
  let received = 0

  const { socket, isPrivate, viaProxy } = await openSocket(context, {
    url,
    publicOnly,
    signal,
    onRead: {
      buffer: () => target(),
      callback: (count, buffer) => {
        received += count
        try {
          return receive(buffer.subarray(0, count))
        } catch (error) {
          fail(error instanceof Error ? error : new Error(String(error)))
          return false
        }
      },
    },
  })

  // TLS hands on what it has decrypted even after reading was stopped.
  function keep(bytes: Uint8Array): false {
    leftover = Buffer.concat([leftover, bytes])
    if (leftover.length > LEFTOVER_LIMIT_BYTES) throw httpError(url, 'sends what nobody asked for.')
    return false
  }

  function hold(): false {
    receive = keep
    target = () => scratch
    return false
  }

  function fail(error: Error): void {
    reusable = false
    socket.destroy()
    settle?.fail(signal.aborted ? toError(signal.reason) : fromSocketError(url, error))
  }
  const abort = (): void => fail(toError(signal.reason))
  signal.addEventListener('abort', abort, { once: true })
  socket.on('error', fail)
  socket.on('end', () => settle?.ended())
  socket.on('close', () => {
    signal.removeEventListener('abort', abort)
    settle?.ended()
  })
  if (signal.aborted) abort()

  /** Runs one phase of the exchange, with the stall time-out over it. */
  async function phase<T>(
    start: (done: (value: T) => void) => { readonly ended: () => void; readonly isWaiting?: () => boolean },
  ): Promise<T> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const { ended, isWaiting = () => false } = start(resolve)
    settle = { fail: reject, ended }
    if (socket.destroyed) ended()
    const watch = watchStall(isWaiting)
    try {
      return await promise
    } finally {
      clearInterval(watch)
      settle = undefined
      hold()
    }
  }

  function watchStall(isWaiting: () => boolean): NodeJS.Timeout {
    const { stallMs, stallBytes } = context.timing
    let before = received
    return setInterval(() => {
      if (!isWaiting() && received - before < stallBytes) {
        fail(httpError(url, `stalled: fewer than ${stallBytes} bytes in ${stallMs / 1000} s.`, { transient: true }))
      }
      before = received
    }, stallMs)
  }

  function get(requestUrl: URL, headers: Readonly<Record<string, string>> = {}): Promise<ResponseHead> {
    let text = Buffer.alloc(0)
    return phase<ResponseHead>((done) => {
      receive = (bytes) => {
        // The kernel will write into `bytes` again: what is kept must be copied.
        text = Buffer.concat([text, bytes])
        for (;;) {
          const end = text.indexOf('\r\n\r\n')
          if (end > HEAD_LIMIT_BYTES || (end < 0 && text.length > HEAD_LIMIT_BYTES)) {
            throw httpError(url, 'sent a header without end.')
          }
          if (end < 0) return true
          head = parseHead(text.toString('latin1', 0, end), url)
          text = text.subarray(end + 4)
          if (head.status >= 200) break
        }
        leftover = text
        reusable = head.keepsAlive && head.framing.kind === 'length' && head.framing.bytes === 0
        done(head)
        return hold()
      }
      socket.write(requestText(requestUrl, viaProxy, headers))
      socket.resume()
      return { ended: () => fail(httpError(url, 'closed the connection instead of answering.', { transient: true })) }
    })
  }

  function read(sink: BodySink): Promise<'whole' | 'stopped'> {
    const { framing, keepsAlive } = head ?? { framing: { kind: 'length', bytes: 0 } as const, keepsAlive: false }
    let given: Uint8Array | undefined
    let waiting = false
    return phase<'whole' | 'stopped'>((done) => {
      const body = createBody(framing, sink)
      const finish = (how: 'whole' | 'stopped'): false => {
        reusable = how === 'whole' && keepsAlive
        done(how)
        return hold()
      }
      const wait = (): false => {
        waiting = true
        sink.ready().then(() => {
          waiting = false
          socket.resume()
        }, fail)
        return false
      }
      receive = (bytes) => {
        const inPlace = given !== undefined && bytes.buffer === given.buffer && bytes.byteOffset === given.byteOffset
        const answer = inPlace ? body.placed(bytes) : body.copied(bytes)
        if (answer === 'more') return true
        return answer === 'wait' ? wait() : finish(answer)
      }
      target = () => {
        given = body.target()
        return given ?? scratch
      }
      const first = leftover
      leftover = Buffer.alloc(0)
      try {
        if (body.isWhole()) finish('whole')
        else if (first.length === 0 || receive(first)) socket.resume()
      } catch (error) {
        queueMicrotask(() => fail(toError(error)))
      }
      return { ended: () => endOfStream(), isWaiting: () => waiting }

      function endOfStream(): void {
        if (framing.kind === 'close') finish('whole')
        else fail(httpError(url, 'cut the connection before the end of the file.', { transient: true }))
      }
    })
  }

  return {
    get,
    read,
    isPrivate,
    isReusable: () => reusable && leftover.length === 0 && !socket.destroyed,
    close: () => {
      reusable = false
      socket.destroy()
    },
  }
}

/** The body in terms of its sink: what is left of it, and where its bytes may be placed. */
function createBody(framing: ResponseHead['framing'], sink: BodySink) {
  let remaining = framing.kind === 'length' ? framing.bytes : Number.POSITIVE_INFINITY
  const decoder = framing.kind === 'chunked' ? createChunkedDecoder() : undefined

  function copy(bytes: Uint8Array): 'more' | 'wait' | 'enough' {
    let answer: 'more' | 'wait' | 'enough' = 'more'
    for (let at = 0; at < bytes.length && answer !== 'enough'; ) {
      const target = sink.target()
      const count = Math.min(target.length, bytes.length - at)
      target.set(bytes.subarray(at, at + count))
      const next = sink.commit(count)
      if (next !== 'more') answer = next
      at += count
    }
    return answer
  }

  function settle(count: number, answer: 'more' | 'wait' | 'enough'): 'more' | 'wait' | 'whole' | 'stopped' {
    remaining -= count
    if (remaining === 0) return 'whole'
    return answer === 'enough' ? 'stopped' : answer
  }

  return {
    isWhole: () => remaining === 0,
    target: () => (decoder === undefined ? sink.target() : undefined),
    placed: (bytes: Uint8Array) => {
      const count = Math.min(bytes.length, remaining)
      return settle(count, sink.commit(count))
    },
    copied: (bytes: Uint8Array) => {
      if (decoder === undefined) {
        const own = bytes.subarray(0, Math.min(bytes.length, remaining))
        return settle(own.length, copy(own))
      }
      let answer: 'more' | 'wait' | 'enough' = 'more'
      const ended = decoder.push(bytes, (data) => {
        const next = answer === 'enough' ? answer : copy(data)
        if (next !== 'more') answer = next
      })
      return ended ? ('whole' as const) : settle(0, answer)
    },
  }
}

function requestText(url: URL, viaProxy: URL | undefined, headers: Readonly<Record<string, string>>): string {
  const target = `${url.pathname}${url.search}`
  const lines = Object.entries({
    Host: url.host,
    'User-Agent': 'pve-provision',
    Accept: '*/*',
    // The digest is over the bytes as they are stored.
    'Accept-Encoding': 'identity',
    ...(url.username === '' ? {} : { Authorization: basicCredentials(url) }),
    ...(viaProxy === undefined ? {} : proxyAuthorization(viaProxy)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${viaProxy === undefined ? target : `${url.origin}${target}`} HTTP/1.1\r\n${lines.join('')}\r\n`
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
