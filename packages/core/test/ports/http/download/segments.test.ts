// Several connections for one image: when they help, when they do not, and what may go wrong between them.
import { readFile } from 'node:fs/promises'
import type * as http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
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
/** Small parts, and as many connections as are allowed from the first moment: when they help is the pacer's business. */
const EAGER: Partial<HttpSettings> = {
  limits: { connectionsPerImage: 4, perHost: 16, partBytes: 512 * 1024 },
  timing: { stallMs: 5000 },
  createPacer: () => ({ width: () => 4, opened: () => undefined, closed: () => undefined, count: () => undefined }),
}

interface Line {
  /** How many connections were sending at once, most of the time that more than one was. */
  readonly usual: () => number
  readonly reached: (count: number) => boolean
}

/** Gives each connection `pieceBytes` every 10 ms; `shared`: all of them together. */
function throttle(server: FileServer, file: ServedFile, pieceBytes: number, { shared = false } = {}): Line {
  let busy = 0
  const samples: number[] = []
  // Sampled, as a server hears of a connection's end a little later than of the beginning of the next one.
  const timer = setInterval(() => void samples.push(busy), 10)
  onTestFinished(() => clearInterval(timer))
  const fault: Fault = async (request, response) => {
    busy += 1
    response.on('close', () => {
      busy -= 1
    })
    await sendSlowly(request, response, file, () => Math.ceil(shared ? pieceBytes / busy : pieceBytes))
    return true
  }
  server.fault('/image', fault, Number.POSITIVE_INFINITY)
  return {
    usual: () => mode(samples.filter((count) => count > 1)),
    reached: (count) => samples.filter((sample) => sample === count).length > 5,
  }
}

function mode(samples: readonly number[]): number {
  const counts = Map.groupBy(samples, (sample) => sample)
  return [...counts].toSorted(([, one], [, other]) => other.length - one.length)[0]?.[0] ?? 0
}

async function sendSlowly(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { bytes, etag }: ServedFile,
  pieceBytes: () => number,
): Promise<void> {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const first = Number(range?.[1] ?? 0)
  const end = range?.[2] ? Number(range[2]) + 1 : bytes.length
  response.writeHead(range === null ? 200 : 206, {
    'Content-Length': end - first,
    ...(etag === undefined ? {} : { ETag: etag }),
    ...(range === null ? {} : { 'Content-Range': `bytes ${first}-${end - 1}/${bytes.length}` }),
  })
  // By the clock, so that a busy machine slows nobody down more than another.
  for (let at = first, beforeMs = performance.now(); at < end && !response.destroyed; ) {
    await delay(10)
    const nowMs = performance.now()
    const next = Math.min(at + Math.ceil((pieceBytes() * (nowMs - beforeMs)) / 10), end)
    response.write(bytes.subarray(at, next))
    at = next
    beforeMs = nowMs
  }
  response.end()
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

  it('as many as measuring finds bring the right bytes', async () => {
    const { createPacer: _, ...measured } = EAGER
    await using fixture = await httpFixture({ ...measured, timing: { settleMs: 40, measureMs: 80, stallMs: 5000 } })
    const { server, http: port, path } = fixture
    throttle(server, FILE, 100_000, { shared: true })
    await port.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('are not tried for a server that has no ranges, nor twice', async () => {
    await using fixture = await httpFixture(EAGER)
    const { server, http: port, path } = fixture
    server.fault(
      '/image',
      async (request, response) => {
        if (request.headers.range !== undefined) return false
        await sendSlowly(request, response, FILE, () => 100_000)
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

  it('notice a file that changes midway, and bring the new one whole', async () => {
    await using fixture = await httpFixture(EAGER)
    const { server, http: port, path } = fixture
    const old = { ...FILE, bytes: someBytes(6_000_000, 'old'), etag: '"old"' }
    let asked = 0
    server.fault(
      '/image',
      async (request, response) => {
        asked += 1
        // The first connection reads the old file; everything after it sees the new one.
        if (asked === 1) await sendSlowly(request, response, old, () => 100_000)
        else sendFile(FILE, request, response)
        return true
      },
      Number.POSITIVE_INFINITY,
    )
    await port.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('with one that gives wrong bytes end in the right ones, fetched in one piece', async () => {
    await using fixture = await httpFixture(EAGER)
    const { server, http: port, path } = fixture
    let hasLied = false
    server.serve('/image', FILE)
    server.fault(
      '/image',
      async (request, response) => {
        const lies = request.headers.range !== undefined && !hasLied
        if (hasLied && request.headers.range === undefined) return false
        hasLied ||= lies
        await sendSlowly(
          request,
          response,
          lies ? { ...FILE, bytes: someBytes(6_000_000, 'lie') } : FILE,
          () => 100_000,
        )
        return true
      },
      Number.POSITIVE_INFINITY,
    )
    await port.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(hasLied).toBe(true)
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('of which some are cut or refused still bring everything', async () => {
    await using fixture = await httpFixture(EAGER)
    const { server, http: port, path } = fixture
    let asked = 0
    server.fault(
      '/image',
      async (request, response) => {
        asked += 1
        if (asked === 2) response.destroy()
        if (asked % 4 === 3) setTimeout(() => response.destroy(), 30)
        await sendSlowly(request, response, FILE, () => 100_000)
        return true
      },
      Number.POSITIVE_INFINITY,
    )
    await port.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('stop together when the caller aborts, and what they left is continued', async () => {
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

  it('leave their slots to images that have none', async () => {
    await using fixture = await httpFixture({ ...EAGER, limits: { ...EAGER.limits, perHost: 3 } })
    const { server, http: port, path } = fixture
    const line = throttle(server, FILE, 150_000)
    const names = ['a', 'b', 'c', 'd']
    await Promise.all(
      names.map((name) => port.download({ urls: [server.url('/image')], digest: DIGEST, to: path(name) })),
    )
    expect(line.usual()).toBe(3)
    for (const name of names) expect(Buffer.compare(await readFile(path(name)), BYTES)).toBe(0)
  })
})
