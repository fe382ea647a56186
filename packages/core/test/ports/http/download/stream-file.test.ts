// Images as streams through memory: right to the last byte, or never complete.
import { buffer } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { answerWith, cutAfter, sha256Of, someBytes } from '../../../support/file-server.ts'
import { httpFixture } from '../../../support/http-fixture.ts'

const BYTES = someBytes(5_000_000)
const FILE = { bytes: BYTES, etag: '"one"', lastModified: 'Tue, 24 Nov 2026 08:00:00 GMT' }
const DIGEST = sha256Of(BYTES)
const expectedBytes = BYTES.length

/** Resolves when a count has not changed for many turns of the event loop. */
async function atRest(count: () => number): Promise<void> {
  for (let known = -1, turns = 0; turns < 200; turns = count() === known ? turns + 1 : 0) {
    known = count()
    await turn()
  }
}

describe('a stream', () => {
  it('gives exactly the promised bytes', async () => {
    await using fixture = await httpFixture()
    const { server, http, meter } = fixture
    server.serve('/image', FILE)
    const seen: number[] = []
    const stream = http.stream({
      urls: [server.url('/image')],
      digest: DIGEST,
      expectedBytes,
      onBytes: (done) => seen.push(done),
    })
    expect(Buffer.compare(await buffer(stream), BYTES)).toBe(0)
    expect(seen.at(-1)).toBe(expectedBytes)
    expect(meter.read().bytesDownloaded).toBe(expectedBytes)
  })

  it('never gives a whole file of wrong bytes', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    server.serve('/image', { ...FILE, bytes: someBytes(expectedBytes, 'wrong') })
    const stream = http.stream({ urls: [server.url('/image')], digest: DIGEST, expectedBytes })
    let passed = 0
    const reading = (async () => {
      for await (const chunk of stream) passed += (chunk as Buffer).length
    })()
    await expect(reading).rejects.toMatchObject({ code: 'CHECKSUM', message: expect.stringContaining(DIGEST) })
    expect(passed).toBeLessThan(expectedBytes)
  })

  it('that the server compresses on the way names the header', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    server.fault('/image', answerWith(200, { 'Content-Encoding': 'br' }, BYTES.subarray(1)))
    const stream = http.stream({ urls: [server.url('/image')], digest: DIGEST, expectedBytes: BYTES.length - 1 })
    await expect(buffer(stream)).rejects.toMatchObject({
      code: 'CHECKSUM',
      hint: expect.stringContaining('Content-Encoding: br'),
    })
  })

  it('goes on after a cut, from where it was, on another mirror too', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    server.serve('/image', FILE)
    server.fault('/image', cutAfter(FILE, 3_000_000))
    const stream = http.stream({ urls: [server.url('/image')], digest: DIGEST, expectedBytes })
    expect(Buffer.compare(await buffer(stream), BYTES)).toBe(0)
    expect(server.requests).toEqual(['/image', '/image bytes=3000000-'])

    server.fault('/dying', cutAfter(FILE, 2_000_000))
    const urls = [server.url('/dying'), server.url('/image')]
    expect(Buffer.compare(await buffer(http.stream({ urls, digest: DIGEST, expectedBytes })), BYTES)).toBe(0)
    expect(server.requests.at(-1)).toBe('/image bytes=2000000-')
  })

  it('fails when the file changed meanwhile', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    server.serve('/image', { ...FILE, etag: '"two"' })
    server.fault('/image', cutAfter(FILE, 3_000_000))
    await expect(
      buffer(http.stream({ urls: [server.url('/image')], digest: DIGEST, expectedBytes })),
    ).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('no longer has the same file'),
    })
  })

  it('of another size than expected does not start', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    server.serve('/image', FILE)
    await expect(
      buffer(http.stream({ urls: [server.url('/image')], digest: DIGEST, expectedBytes: 5 })),
    ).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('offers 5000000 bytes instead of 5'),
    })
  })

  it('waits for a slow reader without reading on', async () => {
    await using fixture = await httpFixture()
    const { server, http, meter } = fixture
    const bytes = someBytes(20_000_000)
    server.serve('/image', { ...FILE, bytes })
    const stream = http.stream({ urls: [server.url('/image')], digest: sha256Of(bytes), expectedBytes: bytes.length })
    const iterator = stream[Symbol.asyncIterator]()
    await iterator.next()
    await atRest(() => meter.read().bytesDownloaded)
    expect(meter.read().bytesDownloaded).toBeLessThan(2_000_000)
    let rest = 0
    for await (const chunk of { [Symbol.asyncIterator]: () => iterator }) rest += (chunk as Buffer).length
    expect(rest).toBeGreaterThan(19_000_000)
  })

  it('that its reader cancels frees the connection', async () => {
    await using fixture = await httpFixture({ limits: { perHost: 1 } })
    const { server, http } = fixture
    server.serve('/image', FILE)
    const stream = http.stream({ urls: [server.url('/image')], digest: DIGEST, expectedBytes })
    for await (const _ of stream) break
    expect(
      Buffer.compare(await buffer(http.stream({ urls: [server.url('/image')], digest: DIGEST, expectedBytes })), BYTES),
    ).toBe(0)
  })

  it('stops with the reason of its signal', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    const controller = new AbortController()
    server.fault('/image', () => {
      controller.abort(new Error('enough'))
      return true
    })
    const stream = http.stream({
      urls: [server.url('/image')],
      digest: DIGEST,
      expectedBytes,
      signal: controller.signal,
    })
    await expect(buffer(stream)).rejects.toThrow('enough')
  })
})
