// Downloads from a well-behaved real server, and from one that is not.
import { readFile, stat, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { answerWith, cutAfter, sha256Of, someBytes } from '../../../support/file-server.ts'
import { httpFixture } from '../../../support/http-fixture.ts'

const BYTES = someBytes(3_000_000)
const FILE = { bytes: BYTES, etag: '"one"', lastModified: 'Tue, 24 Nov 2026 08:00:00 GMT' }
const DIGEST = sha256Of(BYTES)

describe('download', () => {
  it('writes exactly the promised bytes and leaves nothing beside them', async () => {
    await using fixture = await httpFixture()
    const { server, http, meter, path } = fixture
    server.serve('/image', FILE)
    const seen: number[] = []
    const result = await http.download({
      urls: [server.url('/image')],
      digest: DIGEST,
      to: path('image'),
      onBytes: (done, total) => {
        expect(total).toBe(BYTES.length)
        seen.push(done)
      },
    })
    expect(result).toMatchObject({ bytes: BYTES.length, fetchedBytes: BYTES.length })
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
    expect(meter.read()).toMatchObject({ bytesDownloaded: BYTES.length, bytesSaved: 0, retries: 0 })
    await expect(stat(path('image.state'))).rejects.toThrow('ENOENT')
  })

  it('reports both digests and the address when the bytes are wrong', async () => {
    await using fixture = await httpFixture()
    const { server, http, path } = fixture
    server.serve('/image', { ...FILE, bytes: someBytes(1000, 'other') })
    const found = sha256Of(someBytes(1000, 'other'))
    await expect(
      http.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') }),
    ).rejects.toMatchObject({
      code: 'CHECKSUM',
      message: `${server.url('/image').href} has the digest ${found} instead of ${DIGEST}.`,
    })
    expect((await stat(path('image'))).size).toBe(0)
  })

  it('continues after a cut where the server still has the same file', async () => {
    await using fixture = await httpFixture()
    const { server, http, path } = fixture
    server.serve('/image', FILE)
    server.fault('/image', cutAfter(FILE, 2_000_000))
    const result = await http.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(result.bytes).toBe(BYTES.length)
    expect(result.fetchedBytes).toBe(BYTES.length)
    expect(server.requests).toEqual(['/image', '/image bytes=2000000-'])
    expect(server.headers[1]?.['if-range']).toBe('"one"')
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('starts over when the file changed meanwhile', async () => {
    await using fixture = await httpFixture()
    const { server, http, path } = fixture
    server.serve('/image', FILE)
    server.fault('/image', cutAfter({ ...FILE, bytes: someBytes(3_000_000, 'old'), etag: '"old"' }, 2_000_000))
    const result = await http.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(result.fetchedBytes).toBe(5_000_000)
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('starts over when a server changes the file but not what it says about it', async () => {
    await using fixture = await httpFixture()
    const { server, http, path } = fixture
    server.serve('/image', FILE)
    server.fault('/image', cutAfter({ ...FILE, bytes: someBytes(3_000_000, 'old') }, 2_000_000))
    await http.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(server.requests).toEqual(['/image', '/image bytes=2000000-', '/image'])
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('takes the whole file when a server ignores the range after a cut', async () => {
    await using fixture = await httpFixture()
    const { server, http, path } = fixture
    server.serve('/image', { ...FILE, ranges: 'no' })
    server.fault('/image', cutAfter(FILE, 2_000_000))
    const result = await http.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(result.fetchedBytes).toBe(5_000_000)
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('continues what an earlier run left', async () => {
    await using fixture = await httpFixture()
    const { server, http, again, path, meter } = fixture
    server.serve('/image', FILE)
    server.fault('/image', cutAfter(FILE, 2_000_000))
    server.fault('/image', answerWith(404))
    await expect(
      http.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') }),
    ).rejects.toMatchObject({ code: 'HTTP' })
    const result = await again().download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(result).toMatchObject({ bytes: BYTES.length, fetchedBytes: 1_000_000 })
    expect(meter.read().bytesSaved).toBe(2_000_000)
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('continues on another mirror what the first one broke off, by size and modification time', async () => {
    await using fixture = await httpFixture()
    await using mirror = await httpFixture()
    const { server, http, path } = fixture
    server.fault('/image', cutAfter(FILE, 2_000_000))
    mirror.server.serve('/image', { ...FILE, etag: '"of the mirror"' })
    const result = await http.download({
      urls: [server.url('/image'), mirror.server.url('/image')],
      digest: DIGEST,
      to: path('image'),
    })
    expect(result.fetchedBytes).toBe(BYTES.length)
    expect(mirror.server.requests).toEqual(['/image bytes=2000000-'])
  })

  it('fetches nothing when an earlier run left everything but its name', async () => {
    await using fixture = await httpFixture()
    const { server, http, path } = fixture
    await writeFile(path('image'), BYTES)
    const source = { origin: server.url('/').origin, etag: '"one"', sizeBytes: BYTES.length }
    await writeFile(path('image.state'), JSON.stringify({ version: 1, digest: DIGEST, bytes: BYTES.length, source }))
    const result = await http.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(result.fetchedBytes).toBe(0)
    expect(server.requests).toEqual([])
  })

  it('ignores a saved state that does not fit its file', async () => {
    await using fixture = await httpFixture()
    const { server, http, path } = fixture
    server.serve('/image', FILE)
    await writeFile(path('image'), someBytes(3_000_000, 'hostile'))
    const source = { origin: server.url('/').origin, etag: '"one"', sizeBytes: BYTES.length }
    await writeFile(path('image.state'), JSON.stringify({ version: 1, digest: DIGEST, bytes: 2_500_000, source }))
    await http.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('takes a chunked answer of unknown size', async () => {
    await using fixture = await httpFixture()
    const { server, http, path } = fixture
    server.fault('/image', (_request, response) => {
      for (let at = 0; at < BYTES.length; at += 70_001) response.write(BYTES.subarray(at, at + 70_001))
      response.end()
      return true
    })
    const result = await http.download({ urls: [server.url('/image')], digest: DIGEST, to: path('image') })
    expect(result.bytes).toBe(BYTES.length)
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })

  it('uses the next address when the first fails or has wrong bytes', async () => {
    await using fixture = await httpFixture()
    const { server, http, path } = fixture
    server.serve('/wrong', { bytes: someBytes(3_000_000, 'wrong') })
    server.serve('/image', FILE)
    const urls = [server.url('/gone'), server.url('/wrong'), server.url('/image')]
    const result = await http.download({ urls, digest: DIGEST, to: path('image') })
    expect(result.url.pathname).toBe('/image')
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
  })
})
