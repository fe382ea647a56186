// Several connections for one image: when they help, when they do not, and what may fail between them.

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type * as http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { HttpSettings } from '../../../../src/ports/http/create-http.ts'
import {
  type Fault,
  type FileServer,
  type ServedFile,
  sendFile,
  sha256Of,
  someBytes,
} from '../../../support/file-server.ts'
import { httpFixture } from '../../../support/http-fixture.ts'

const BYTES = someBytes(6_000_000)
const FILE = { bytes: BYTES, etag: '"one"', lastModified: 'Tue, 24 Nov 2026 08:00:00 GMT' }
const DIGEST = sha256Of(BYTES)
/** Small parts, and the maximum number of connections from the start. The pacer's decisions are tested elsewhere. */
const EAGER: Partial<HttpSettings> = {
  limits: { connectionsPerImage: 4, perHost: 16, partBytes: 512 * 1024 },

  createPacer: () => ({ width: () => 4, opened: () => undefined, closed: () => undefined, count: () => undefined }),
}

/** At most one connection beside the first. The next one is opened only after its answer, however late that is. */
const ONE_MORE: Partial<HttpSettings> = {
  ...EAGER,
  createPacer: () => ({ width: () => 2, opened: () => undefined, closed: () => undefined, count: () => undefined }),
}

/** Parses the requested range and sends the head of the answer. */
function begin(request: http.IncomingMessage, response: http.ServerResponse, { bytes, etag }: ServedFile) {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const first = Number(range?.[1] ?? 0)
  const end = range?.[2] ? Number(range[2]) + 1 : bytes.length
  response.writeHead(range === null ? 200 : 206, {
    'Content-Length': end - first,
    ...(etag === undefined ? {} : { ETag: etag }),
    ...(range === null ? {} : { 'Content-Range': `bytes ${first}-${end - 1}/${bytes.length}` }),
  })
  return { first, end }
}

interface Sender {
  readonly response: http.ServerResponse
  readonly bytes: Uint8Array
  readonly end: number
  readonly closed: Promise<unknown>
  at: number
}

/**
 * A server's line that works in rounds: in each round, every connection gets a piece, and all wait until the round is
 * complete. So the result does not depend on the speed of the computer.
 */
class Line {
  readonly #senders = new Set<Sender>()
  readonly #counts: number[] = []
  #running = false

  /** Sends the requested bytes, `pieceBytes` in each round. With `shared`, this is for all connections together. */
  async send(request: http.IncomingMessage, response: http.ServerResponse, sent: Sent): Promise<void> {
    const { first, end } = begin(request, response, sent.file)
    const sender = { response, bytes: sent.file.bytes, end, at: first, closed: once(response, 'close') }
    this.#senders.add(sender)
    if (!this.#running) void this.#run(sent)
    await sender.closed
    this.#senders.delete(sender)
  }

  /** Returns how many connections were sending at once for most of the time in which there were several. */
  usual(): number {
    const counts = Map.groupBy(
      this.#counts.filter((count) => count > 1),
      (count) => count,
    )
    return [...counts].toSorted(([, one], [, other]) => other.length - one.length)[0]?.[0] ?? 0
  }

  reached(count: number): boolean {
    return this.#counts.filter((each) => each === count).length > 5
  }

  async #run({ pieceBytes, shared = false }: Sent): Promise<void> {
    this.#running = true
    while (this.#senders.size > 0) {
      const senders = [...this.#senders]
      this.#counts.push(senders.length)
      await Promise.all(senders.map((sender) => this.#piece(sender, pieceBytes / (shared ? senders.length : 1))))
      // The client adds a connection every 50 ms at most. A busy computer makes rounds longer, never shorter.
      await delay(10)
    }
    this.#running = false
  }

  async #piece(sender: Sender, pieceBytes: number): Promise<void> {
    const { response, bytes, at, end, closed } = sender
    sender.at = Math.min(at + Math.ceil(pieceBytes), end)
    if (response.destroyed) return
    const sent = new Promise<void>((resolve) => response.write(bytes.subarray(at, sender.at), () => resolve()))
    await Promise.race([sent, closed])
    if (sender.at < end) return
    this.#senders.delete(sender)
    response.end()
  }
}

interface Sent {
  readonly file: ServedFile
  readonly pieceBytes: number
  readonly shared?: boolean
}

/** Sends all answers for `/image` over one line. */
function throttle(server: FileServer, file: ServedFile, pieceBytes: number, { shared = false } = {}): Line {
  const line = new Line()
  const fault: Fault = async (request, response) => {
    await line.send(request, response, { file, pieceBytes, shared })
    return true
  }
  server.fault('/image', fault, Number.POSITIVE_INFINITY)
  return line
}

describe('several connections', () => {
  it('share an image whose server limits each of them, and the bytes are right', async () => {
    await using fixture = await httpFixture(EAGER)
    const { server, http: port, path } = fixture
    const line = throttle(server, FILE, 50_000)
    const result = await port.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(line.reached(4)).toBe(true)
    expect(line.usual()).toBeLessThanOrEqual(4)
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
    expect(result.fetchedBytes).toBeLessThan(BYTES.length * 1.15)
    expect(result.fetchedBytes).toBeGreaterThanOrEqual(BYTES.length)
  })

  it('in the measured number deliver the right bytes', async () => {
    const { createPacer: _, ...measured } = EAGER
    await using fixture = await httpFixture({ ...measured, timing: { settleMs: 40, measureMs: 80 } })
    const { server, http: port, path } = fixture
    throttle(server, FILE, 100_000, { shared: true })
    await port.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('are not tried for a server that has no ranges, nor twice', async () => {
    await using fixture = await httpFixture(ONE_MORE)
    const { server, http: port, path } = fixture
    const line = new Line()
    server.fault(
      '/image',
      async (request, response) => {
        if (request.headers.range !== undefined) return false
        await line.send(request, response, { file: FILE, pieceBytes: 100_000 })
        return true
      },
      Number.POSITIVE_INFINITY,
    )
    server.serve('/image', { ...FILE, ranges: 'no' })
    await port.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(server.requests.filter((request) => request.includes('bytes='))).toHaveLength(1)
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('are not tried without a validator that ties the parts together', async () => {
    await using fixture = await httpFixture(EAGER)
    const { server, http: port, path } = fixture
    throttle(server, { bytes: BYTES }, 200_000)
    await port.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(server.requests).toEqual(['/image'])
  })

  it('detect a file that changes midway, and deliver the new one whole', async () => {
    await using fixture = await httpFixture(EAGER)
    const { server, http: port, path } = fixture
    const line = new Line()
    const old = { ...FILE, bytes: someBytes(6_000_000, 'old'), etag: '"old"' }
    let asked = 0
    server.fault(
      '/image',
      async (request, response) => {
        asked += 1
        // The first connection reads the old file, all later ones the new file.
        if (asked === 1) await line.send(request, response, { file: old, pieceBytes: 100_000 })
        else sendFile(FILE, request, response)
        return true
      },
      Number.POSITIVE_INFINITY,
    )
    await port.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('with wrong bytes from one end with the right bytes, fetched in one piece', async () => {
    await using fixture = await httpFixture(EAGER)
    const { server, http: port, path } = fixture
    const line = new Line()
    let hasLied = false
    server.serve('/image', FILE)
    server.fault(
      '/image',
      async (request, response) => {
        const lies = request.headers.range !== undefined && !hasLied
        if (hasLied && request.headers.range === undefined) return false
        hasLied ||= lies
        const file = lies ? { ...FILE, bytes: someBytes(6_000_000, 'lie') } : FILE
        await line.send(request, response, { file, pieceBytes: 100_000 })
        return true
      },
      Number.POSITIVE_INFINITY,
    )
    await port.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(hasLied).toBe(true)
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('some of which are cut or refused still deliver everything', async () => {
    await using fixture = await httpFixture(EAGER)
    const { server, http: port, path } = fixture
    const line = new Line()
    let asked = 0
    server.fault(
      '/image',
      async (request, response) => {
        asked += 1
        if (asked === 2) response.destroy()
        if (asked % 4 === 3) response.once('drain', () => response.destroy())
        await line.send(request, response, { file: FILE, pieceBytes: 100_000 })
        return true
      },
      Number.POSITIVE_INFINITY,
    )
    await port.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('stop together when the caller aborts, and the next run continues', async () => {
    await using fixture = await httpFixture(EAGER)
    const { server, http: port, again, path } = fixture
    const line = throttle(server, FILE, 50_000)
    const controller = new AbortController()
    const download = port.download({
      urls: [server.url('/image')],
      digest: DIGEST,
      to: path('image'),
      signal: controller.signal,
      onBytes: (done) => {
        if (done > 3_000_000) controller.abort(new Error('enough'))
      },
    })
    await expect(download).rejects.toThrow('enough')
    expect(line.usual()).toBeGreaterThan(1)
    const result = await again().download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(result.fetchedBytes).toBeLessThan(5_500_000)
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('give up slots to images that have none', async () => {
    await using fixture = await httpFixture({ ...EAGER, limits: { ...EAGER.limits, perHost: 3 } })
    const { server, http: port, path } = fixture
    const line = throttle(server, FILE, 150_000)
    const names = ['a', 'b', 'c', 'd']
    await Promise.all(
      names.map((name) => port.download({ urls: [server.url('/image')], digest: DIGEST, to: path(name) })),
    )
    expect(line.usual()).toBeGreaterThan(1)
    expect(line.usual()).toBeLessThanOrEqual(3)
    for (const name of names) expect(Buffer.compare(await readFile(path(name)), BYTES)).toBe(0)
  })
})
