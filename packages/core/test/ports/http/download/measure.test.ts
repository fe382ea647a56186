// Downloads without a known digest: they succeed only if the result is unambiguous.
import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { cutAfter, sha256Of, someBytes } from '../../../support/file-server.ts'
import { httpFixture } from '../../../support/http-fixture.ts'

const BYTES = someBytes(3_000_000)
const FILE = { bytes: BYTES, etag: '"one"', lastModified: 'Tue, 24 Nov 2026 08:00:00 GMT' }

describe('measure', () => {
  it('returns the digest of the file, and the metadata of the server', async () => {
    await using fixture = await httpFixture()
    fixture.server.serve('/image', FILE)
    const measured = await fixture.http.measure({ url: fixture.server.url('/image'), to: fixture.path('image') })
    expect(measured).toEqual({
      digest: sha256Of(BYTES),
      bytes: BYTES.length,
      etag: '"one"',
      lastModified: 'Tue, 24 Nov 2026 08:00:00 GMT',
    })
    expect(Buffer.compare(await readFile(fixture.path('image')), BYTES)).toBe(0)
  })

  it('starts again after a cut, though the server supports ranges', async () => {
    await using fixture = await httpFixture()
    const { server, http, path } = fixture
    server.serve('/image', FILE)
    server.fault('/image', cutAfter(FILE, 2_000_000))
    const measured = await http.measure({ url: server.url('/image'), to: path('image') })
    expect(measured.digest).toBe(sha256Of(BYTES))
    expect(server.requests).toEqual(['/image', '/image'])
  })

  it('uses one connection, whatever the limits allow', async () => {
    await using fixture = await httpFixture({
      createPacer: () => ({ width: () => 8, opened() {}, closed() {}, count() {} }),
      limits: { partBytes: 100_000 },
    })
    fixture.server.serve('/image', FILE)
    await fixture.http.measure({ url: fixture.server.url('/image'), to: fixture.path('image') })
    expect(fixture.server.requests).toEqual(['/image'])
  })

  it('ignores what an earlier run left in the file', async () => {
    await using fixture = await httpFixture()
    fixture.server.serve('/image', FILE)
    await writeFile(fixture.path('image'), someBytes(4_000_000, 'left'))
    const measured = await fixture.http.measure({ url: fixture.server.url('/image'), to: fixture.path('image') })
    expect(measured).toMatchObject({ digest: sha256Of(BYTES), bytes: BYTES.length })
    expect(Buffer.compare(await readFile(fixture.path('image')), BYTES)).toBe(0)
  })

  it('gives up on a server that always cuts', async () => {
    await using fixture = await httpFixture()
    const { server, http, path } = fixture
    server.serve('/image', FILE)
    server.fault('/image', cutAfter(FILE, 2_000_000), 100)
    await expect(http.measure({ url: server.url('/image'), to: path('image') })).rejects.toMatchObject({ code: 'HTTP' })
    expect(server.requests.length).toBeLessThan(10)
  })

  it('refuses an answer whose end is only the end of the connection', async () => {
    await using fixture = await httpFixture()
    const server = createServer((socket) => {
      socket.once('data', () =>
        socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\nQFI\u00fb`),
      )
      socket.on('error', () => undefined)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/image`)
    await expect(fixture.http.measure({ url, to: fixture.path('image') })).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('does not send the length of the file'),
      hint: expect.stringContaining('checksum: sha256:'),
    })
    server.close()
  })
})
