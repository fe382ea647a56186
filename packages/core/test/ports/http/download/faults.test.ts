// Faults of servers, each on a real socket: a clear error or the right bytes, never wrong bytes and never a hang.
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import * as net from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { DownloadRequest } from '../../../../src/ports/world.ts'
import { answerWith, cutAfter, sha256Of, someBytes } from '../../../support/file-server.ts'
import { type HttpFixture, httpFixture } from '../../../support/http-fixture.ts'

const BYTES = someBytes(1_000_000)
const FILE = { bytes: BYTES, etag: '"one"', lastModified: 'Tue, 24 Nov 2026 08:00:00 GMT' }
const DIGEST = sha256Of(BYTES)

function requestFor({ server, path }: HttpFixture, more: Partial<DownloadRequest> = {}): DownloadRequest {
  return { urls: [server.url('/image')], digest: DIGEST, to: path('image'), ...more }
}

/** A server that sends exactly the given bytes, even if they are not valid HTTP. */
async function rawServer(answer: (socket: net.Socket, request: string) => void): Promise<URL> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => answer(socket, data.toString('latin1')))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}/image`)
}

/** For servers that stall. */
const IMPATIENT = { timing: { headMs: 150, stallMs: 150 } }

describe('a server that', () => {
  it('cuts again and again is given up when an attempt gets no new bytes', async () => {
    await using fixture = await httpFixture()
    fixture.server.fault('/image', cutAfter(FILE, 1000))
    fixture.server.fault('/image', answerWith(503), 10)
    await expect(fixture.http.download(requestFor(fixture))).rejects.toMatchObject({
      code: 'HTTP',
      message: `${fixture.server.url('/image').href} answers 503.`,
      details: { status: 503 },
    })
    expect(fixture.server.requests).toHaveLength(3)
    expect(fixture.meter.read().retries).toBe(2)
  })

  it('is busy twice gets a third request', async () => {
    await using fixture = await httpFixture()
    fixture.server.serve('/image', FILE)
    fixture.server.fault('/image', answerWith(503, { 'Retry-After': '0' }))
    fixture.server.fault('/image', answerWith(429))
    await fixture.http.download(requestFor(fixture))
    expect(Buffer.compare(await readFile(fixture.path('image')), BYTES)).toBe(0)
  })

  it('does not have the file gets no second request', async () => {
    await using fixture = await httpFixture()
    await expect(fixture.http.download(requestFor(fixture))).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('answers 404'),
      hint: expect.stringContaining('removed this build'),
    })
    expect(fixture.server.requests).toEqual(['/image'])
  })

  it.each([401, 403])('requires a login with %i is reported, with how to give one', async (status) => {
    await using fixture = await httpFixture()
    fixture.server.fault('/image', answerWith(status))
    await expect(fixture.http.download(requestFor(fixture))).rejects.toMatchObject({
      message: expect.stringContaining(`answers ${status}`),
      hint: expect.stringContaining('https://USER:PASSWORD@HOST/'),
    })
  })

  it('does not accept the login in the address says so', async () => {
    await using fixture = await httpFixture()
    fixture.server.fault('/image', answerWith(401))
    const url = new URL(fixture.server.url('/image'))
    url.username = 'ann'
    url.password = 'wrong'
    await expect(fixture.http.download(requestFor(fixture, { urls: [url] }))).rejects.toMatchObject({
      hint: expect.stringMatching(/^The request used the user and password in the address/),
    })
  })

  it('compresses the bytes unasked is reported with its header', async () => {
    const packed = gzipSync(BYTES)
    const url = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`)
      socket.end(packed)
    })
    await using fixture = await httpFixture()
    await expect(fixture.http.download(requestFor(fixture, { urls: [url] }))).rejects.toMatchObject({
      code: 'CHECKSUM',
      hint: expect.stringContaining('Content-Encoding: gzip'),
    })
  })

  it('stalls in the middle is left, and continued', async () => {
    await using fixture = await httpFixture(IMPATIENT)
    fixture.server.serve('/image', FILE)
    fixture.server.fault('/image', (_request, response) => {
      response.writeHead(200, { 'Content-Length': BYTES.length, ETag: '"one"' })
      response.write(BYTES.subarray(0, 400_000))
      return true
    })
    const result = await fixture.http.download(requestFor(fixture))
    expect(result.fetchedBytes).toBe(BYTES.length)
    expect(fixture.server.requests).toEqual(['/image', '/image bytes=400000-'])
  })

  it('drips a byte now and then counts as stalled', async () => {
    await using fixture = await httpFixture(IMPATIENT)
    const drip = (): ((socket: net.Socket) => void) => (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BYTES.length}\r\n\r\n`)
      const timer = setInterval(() => socket.write('x'), 20)
      socket.on('close', () => clearInterval(timer))
    }
    const url = await rawServer(drip())
    await expect(
      fixture.again({ timing: { retries: 0 } }).download(requestFor(fixture, { urls: [url] })),
    ).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('stalled'),
    })
  })

  it('accepts the connection and says nothing is given up', async () => {
    await using fixture = await httpFixture(IMPATIENT)
    const url = await rawServer(() => undefined)
    const download = fixture.again({ timing: { retries: 0 } }).download(requestFor(fixture, { urls: [url] }))
    await expect(download).rejects.toMatchObject({ code: 'HTTP', message: expect.stringContaining('stalled') })
  })

  it('refuses connections is reported', async () => {
    await using fixture = await httpFixture()
    const urls = [new URL('http://127.0.0.1:1/image')]
    await expect(fixture.http.download(requestFor(fixture, { urls }))).rejects.toMatchObject({
      code: 'HTTP',
      message: 'http://127.0.0.1:1/image refuses connections.',
    })
  })

  it('answers a range with the whole file is read from the beginning', async () => {
    await using fixture = await httpFixture()
    fixture.server.serve('/image', { ...FILE, ranges: 'no' })
    fixture.server.fault('/image', cutAfter(FILE, 600_000))
    const result = await fixture.http.download(requestFor(fixture))
    expect(result.fetchedBytes).toBe(1_600_000)
    expect(Buffer.compare(await readFile(fixture.path('image')), BYTES)).toBe(0)
  })

  it('answers a range with another range gets a request for the whole file', async () => {
    await using fixture = await httpFixture()
    fixture.server.serve('/image', FILE)
    fixture.server.fault('/image', cutAfter(FILE, 600_000))
    fixture.server.fault('/image', (_request, response) => {
      response.writeHead(206, { 'Content-Range': `bytes 5-999999/1000000`, 'Content-Length': 999_995, ETag: '"one"' })
      response.end(BYTES.subarray(5))
      return true
    })
    await fixture.http.download(requestFor(fixture))
    expect(fixture.server.requests).toEqual(['/image', '/image bytes=600000-', '/image'])
    expect(Buffer.compare(await readFile(fixture.path('image')), BYTES)).toBe(0)
  })

  it('answers a range with wrong bytes gets a request for the whole file', async () => {
    await using fixture = await httpFixture()
    fixture.server.serve('/image', FILE)
    fixture.server.fault('/image', cutAfter(FILE, 600_000))
    fixture.server.fault('/image', (_request, response) => {
      const wrong = someBytes(400_000, 'wrong')
      response.writeHead(206, {
        'Content-Range': `bytes 600000-999999/1000000`,
        'Content-Length': wrong.length,
        ETag: '"one"',
      })
      response.end(wrong)
      return true
    })
    await fixture.http.download(requestFor(fixture))
    expect(fixture.server.requests).toEqual(['/image', '/image bytes=600000-', '/image'])
    expect(Buffer.compare(await readFile(fixture.path('image')), BYTES)).toBe(0)
  })

  it('answers 416 to a valid range gets a request for the whole file', async () => {
    await using fixture = await httpFixture()
    fixture.server.serve('/image', FILE)
    fixture.server.fault('/image', cutAfter(FILE, 600_000))
    fixture.server.fault('/image', answerWith(416))
    await fixture.http.download(requestFor(fixture))
    expect(Buffer.compare(await readFile(fixture.path('image')), BYTES)).toBe(0)
  })

  it('sends no validator gets a request for the whole file after a cut', async () => {
    await using fixture = await httpFixture()
    fixture.server.serve('/image', { bytes: BYTES })
    fixture.server.fault('/image', cutAfter({ bytes: BYTES }, 600_000))
    await fixture.http.download(requestFor(fixture))
    expect(fixture.server.requests).toEqual(['/image', '/image'])
  })

  it('sends an error page with 200 is detected', async () => {
    await using fixture = await httpFixture()
    fixture.server.fault(
      '/image',
      answerWith(200, { 'Content-Type': 'text/html; charset=utf-8' }, '<h1>Please log in</h1>'),
    )
    await expect(fixture.http.download(requestFor(fixture))).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('a web page instead of a file'),
    })
  })

  it('offers far more than expected is refused before a byte of it is read', async () => {
    await using fixture = await httpFixture()
    const url = await rawServer(
      (socket) => void socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${50 * 1024 ** 3}\r\n\r\n`),
    )
    const expected = fixture.http.download(requestFor(fixture, { urls: [url], expectedBytes: 500 * 1024 ** 2 }))
    await expect(expected).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('offers 53687091200 bytes instead of 524288000'),
    })
    const limited = fixture.http.download(requestFor(fixture, { urls: [url], limitBytes: 1024 ** 3 }))
    await expect(limited).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('larger than the limit of 1073741824 bytes'),
    })
    expect((await stat(fixture.path('image'))).size).toBe(0)
  })

  it('never stops sending is stopped at the limit', async () => {
    await using fixture = await httpFixture()
    const url = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      const send = (): void => {
        while (socket.writable && socket.write(BYTES));
      }
      socket.on('drain', send)
      send()
    })
    const download = fixture.http.download(requestFor(fixture, { urls: [url], limitBytes: 3_000_000 }))
    await expect(download).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('larger than the limit of 3000000 bytes'),
    })
    expect((await stat(fixture.path('image'))).size).toBeLessThan(4_000_000)
  })

  it('announces more than it has ends as an error', async () => {
    await using fixture = await httpFixture()
    const url = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BYTES.length + 10}\r\n\r\n`)
      socket.end(BYTES)
    })
    await expect(fixture.http.download(requestFor(fixture, { urls: [url] }))).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('cut the connection before the end'),
    })
  })

  it('announces less than it sends gives a wrong digest, not a wrong file', async () => {
    await using fixture = await httpFixture()
    const url = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BYTES.length - 10}\r\n\r\n`)
      socket.end(BYTES)
    })
    await expect(fixture.http.download(requestFor(fixture, { urls: [url] }))).rejects.toMatchObject({
      code: 'CHECKSUM',
    })
  })

  it.each([
    ['speaks another protocol', 'SSH-2.0-OpenSSH_9.2p1\r\n\r\n', 'does not speak HTTP'],
    [
      'sends two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!',
      'an invalid Content-Length',
    ],
    ['sends a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n', 'an invalid Content-Length'],
    ['folds its headers', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n', 'a malformed header'],
    [
      'compresses on the way without being asked',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
      'an unknown transfer encoding',
    ],
    ['never ends its headers', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(70_000)}`, 'an endless header'],
    [
      'breaks its chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n',
      'cannot be read: an invalid chunk size',
    ],
  ])('%s has its own message', async (_what, answer, message) => {
    await using fixture = await httpFixture()
    const url = await rawServer((socket) => void socket.write(answer))
    await expect(fixture.http.download(requestFor(fixture, { urls: [url] }))).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining(message),
    })
  })

  it('sends informational responses before its answer is read to the end', async () => {
    await using fixture = await httpFixture()
    const url = await rawServer((socket) => {
      socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n')
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BYTES.length}\r\n\r\n`)
      socket.write(BYTES)
    })
    await fixture.http.download(requestFor(fixture, { urls: [url] }))
    expect(Buffer.compare(await readFile(fixture.path('image')), BYTES)).toBe(0)
  })
})

describe('the caller', () => {
  it('that aborts gets its own reason when everything has stopped, and the next run continues', async () => {
    await using fixture = await httpFixture()
    const controller = new AbortController()
    fixture.server.serve('/image', FILE)
    fixture.server.fault('/image', (_request, response) => {
      response.writeHead(200, { 'Content-Length': BYTES.length, ETag: '"one"' })
      response.write(BYTES.subarray(0, 700_000))
      return true
    })
    const download = fixture.http.download(requestFor(fixture, { signal: controller.signal }))
    await Promise.all([
      expect(download).rejects.toThrow('enough'),
      vi
        .waitUntil(() => fixture.meter.read().bytesDownloaded === 700_000, { timeout: 120_000 })
        .then(() => controller.abort(new Error('enough'))),
    ])
    const result = await fixture.again().download(requestFor(fixture))
    expect(result.fetchedBytes).toBe(300_000)
  })

  it('that has already aborted does not reach the server', async () => {
    await using fixture = await httpFixture()
    await expect(fixture.http.download(requestFor(fixture, { signal: AbortSignal.abort() }))).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(fixture.server.requests).toEqual([])
  })

  it('can abort the wait for a slot of the host', async () => {
    await using fixture = await httpFixture({ limits: { perHost: 1 } })
    fixture.server.fault('/slow', () => true)
    const controller = new AbortController()
    const slow = fixture.http.download(
      requestFor(fixture, { urls: [fixture.server.url('/slow')], to: fixture.path('slow'), signal: controller.signal }),
    )
    const waiting = new AbortController()
    const second = fixture.http.download(requestFor(fixture, { signal: waiting.signal }))
    waiting.abort(new Error('no more'))
    await expect(second).rejects.toThrow('no more')
    controller.abort(new Error('stop'))
    await expect(slow).rejects.toThrow('stop')
    fixture.server.serve('/image', FILE)
    await fixture.http.download(requestFor(fixture))
  })
})
