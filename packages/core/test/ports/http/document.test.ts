// Documents: conditional requests across processes, limits, and damaged caches.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { answerWith, cutAfter, sendFile, someBytes } from '../../support/file-server.ts'
import { httpFixture } from '../../support/http-fixture.ts'

const SUMS = {
  bytes: Buffer.from('0123  image.qcow2\n'),
  etag: 'W/"weak"',
  lastModified: 'Tue, 24 Nov 2026 08:00:00 GMT',
}

describe('a document', () => {
  it('that has not changed costs one small request, in another process too', async () => {
    await using fixture = await httpFixture()
    const { server, http, again, meter } = fixture
    server.serve('/sums', SUMS)
    expect(await http.getDocument(server.url('/sums'))).toMatchObject({ from: 'network' })
    const second = await again().getDocument(server.url('/sums'))
    expect(second.from).toBe('cache')
    expect(second.url.href).toBe(server.url('/sums').href)
    expect(Buffer.from(second.bytes).toString()).toBe(SUMS.bytes.toString())
    expect(server.headers[1]).toMatchObject({
      'if-none-match': 'W/"weak"',
      'if-modified-since': SUMS.lastModified,
      'cache-control': 'no-cache',
    })
    expect(meter.read()).toMatchObject({
      cacheHits: 1,
      bytesDownloaded: SUMS.bytes.length,
      bytesSaved: SUMS.bytes.length,
    })
  })

  it('that many calls request at once is requested once, and again later', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    server.serve('/sums', SUMS)
    const url = server.url('/sums')
    const { signal } = new AbortController()
    const all = await Promise.all([1, 2, 3].map(() => http.getDocument(url, { signal })))
    expect(all.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([1, 2, 3].map(() => SUMS.bytes.toString()))
    expect(server.headers).toHaveLength(1)
    await http.getDocument(url, { signal })
    expect(server.headers).toHaveLength(2)
  })

  it('is requested twice by two calls with different abort signals', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    server.serve('/sums', SUMS)
    const first = new AbortController()
    const url = server.url('/sums')
    const stopped = http.getDocument(url, { signal: first.signal })
    const other = http.getDocument(url, { signal: new AbortController().signal })
    first.abort()
    await expect(stopped).rejects.toThrow()
    expect((await other).from).toBe('network')
  })

  it('that has changed is fetched', async () => {
    await using fixture = await httpFixture()
    const { server, http, again } = fixture
    server.serve('/sums', SUMS)
    await http.getDocument(server.url('/sums'))
    server.serve('/sums', { ...SUMS, bytes: Buffer.from('new'), etag: '"new"' })
    expect(Buffer.from((await again().getDocument(server.url('/sums'))).bytes).toString()).toBe('new')
  })

  it('without a validator is fetched each time and not kept', async () => {
    await using fixture = await httpFixture()
    const { server, http, path } = fixture
    server.serve('/sums', { bytes: SUMS.bytes })
    await http.getDocument(server.url('/sums'))
    expect(await http.getDocument(server.url('/sums'))).toMatchObject({ from: 'network' })
    await expect(readdir(path('documents'))).rejects.toThrow('ENOENT')
  })

  it('that is too large is refused, announced or not', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    const large = someBytes(5 * 1024 * 1024)
    server.serve('/announced', { bytes: large })
    server.fault('/chunked', (_request, response) => {
      response.writeHead(200)
      response.write(large)
      return true
    })
    server.fault('/bomb', answerWith(200, { 'Content-Encoding': 'gzip' }, gzipSync(Buffer.alloc(50 * 1024 * 1024))))
    for (const path of ['/announced', '/chunked', '/bomb']) {
      await expect(http.getDocument(server.url(path))).rejects.toMatchObject({
        code: 'HTTP',
        message: expect.stringContaining('larger than 4194304 bytes, the limit for such a document'),
        hint: expect.stringContaining('not of an image'),
      })
    }
  })

  it('compressed without being requested is unpacked; a truncated or broken one is requested again', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    server.fault('/sums', answerWith(200, { 'Content-Encoding': 'gzip' }, 'this is not gzip'))
    server.fault('/sums', cutAfter(SUMS, 5))
    server.fault('/sums', answerWith(200, { 'Content-Encoding': 'gzip' }, gzipSync(SUMS.bytes)))
    expect(Buffer.from((await http.getDocument(server.url('/sums'))).bytes).toString()).toBe(SUMS.bytes.toString())
  })

  it.each([
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['GZIP', gzipSync],
    ['identity', (bytes: Uint8Array) => Buffer.from(bytes)],
  ])('compressed as %s is unpacked', async (encoding, pack) => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    server.fault('/sums', answerWith(200, { 'Content-Encoding': encoding }, pack(SUMS.bytes)))
    expect(Buffer.from((await http.getDocument(server.url('/sums'))).bytes).toString()).toBe(SUMS.bytes.toString())
  })

  it('in an unknown encoding is refused with the header', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    server.fault('/sums', answerWith(200, { 'Content-Encoding': 'compress' }, SUMS.bytes))
    await expect(http.getDocument(server.url('/sums'))).rejects.toMatchObject({
      message: expect.stringContaining('Content-Encoding: compress'),
      hint: expect.stringContaining('mirror'),
    })
  })

  it('that was deleted is an error, even if it is cached', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    server.fault('/sums', (request, response) => {
      sendFile(SUMS, request, response)
      return true
    })
    await http.getDocument(server.url('/sums'))
    await expect(http.getDocument(server.url('/sums'))).rejects.toMatchObject({
      code: 'HTTP',
      details: { status: 404 },
    })
  })

  it('in a cache that was changed, truncated or replaced is requested', async () => {
    for (const spoil of [
      (text: string) => text.replace('0123  image', '6666  image'),
      (text: string) => text.slice(0, -5),
      () => 'nonsense',
      (text: string) => text.replace('"etag":"W/', '"etag":"\\r\\nX-Evil: 1\\r\\n'),
    ]) {
      await using fixture = await httpFixture()
      const { server, http, again, path } = fixture
      server.serve('/sums', SUMS)
      await http.getDocument(server.url('/sums'))
      const [name = ''] = await readdir(path('documents'))
      const file = join(path('documents'), name)
      await writeFile(file, spoil(await readFile(file, 'latin1')))
      const { bytes } = await again().getDocument(server.url('/sums'))
      expect(Buffer.from(bytes).toString()).toBe(SUMS.bytes.toString())
      expect(server.headers.at(-1)).not.toHaveProperty('x-evil')
    }
  })

  it('leaves no credential and no query on disk', async () => {
    await using fixture = await httpFixture()
    const { server, http, path } = fixture
    server.serve('/sums?token=hidden', SUMS)
    const url = server.url('/sums?token=hidden')
    url.username = 'ann'
    url.password = 'secret'
    await http.getDocument(url)
    const [name = ''] = await readdir(path('documents'))
    const kept = await readFile(join(path('documents'), name), 'latin1')
    expect(kept + name).not.toMatch(/hidden|secret|ann/)
    const error: unknown = await http
      .getDocument(new URL(url.href.replace('sums', 'gone')))
      .catch((thrown: unknown) => thrown)
    expect(JSON.stringify(error) + String(error)).not.toMatch(/hidden|secret|ann/)
  })
})

describe('a partial read', () => {
  it('requests the beginning and returns the size', async () => {
    await using fixture = await httpFixture()
    const { server, http } = fixture
    server.serve('/image', { bytes: someBytes(100_000) })
    const peek = await http.peek(server.url('/image'), { bytes: 512 })
    expect(Buffer.compare(peek.head, someBytes(100_000).subarray(0, 512))).toBe(0)
    expect(peek.sizeBytes).toBe(100_000)
    expect(server.requests).toEqual(['/image bytes=0-511'])
  })

  it('closes the connection to a server that sends everything', async () => {
    await using fixture = await httpFixture()
    const { server, http, meter } = fixture
    server.serve('/image', { bytes: someBytes(20_000_000), ranges: 'no' })
    const peek = await http.peek(server.url('/image'), { bytes: 512 })
    expect(peek.head).toHaveLength(512)
    expect(peek.sizeBytes).toBe(20_000_000)
    expect(meter.read().bytesDownloaded).toBe(512)
  })

  it('returns a smaller file whole', async () => {
    await using fixture = await httpFixture()
    fixture.server.serve('/image', { bytes: someBytes(100) })
    expect(await fixture.http.peek(fixture.server.url('/image'))).toMatchObject({
      sizeBytes: 100,
      head: { length: 100 },
    })
  })

  it('returns an empty file as empty, although it has no first byte', async () => {
    await using fixture = await httpFixture()
    fixture.server.fault('/image', answerWith(416, { 'Content-Range': 'bytes */0' }))
    expect(await fixture.http.peek(fixture.server.url('/image'))).toMatchObject({ sizeBytes: 0, head: { length: 0 } })
  })

  it('reports the status of the server', async () => {
    await using fixture = await httpFixture()
    await expect(fixture.http.peek(fixture.server.url('/none'))).rejects.toMatchObject({
      code: 'HTTP',
      details: { status: 404, transient: false },
    })
  })
})
