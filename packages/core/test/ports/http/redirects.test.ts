// Where redirects may lead. A proxy simulates the public Internet.
import { readFile } from 'node:fs/promises'
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answerWith, sha256Of, someBytes } from '../../support/file-server.ts'
import { httpFixture } from '../../support/http-fixture.ts'
import { certificate } from '../pve/support/certificates.ts'

const BYTES = someBytes(100_000)
const DIGEST = sha256Of(BYTES)

/** Answers for all public addresses with a redirect to `to`. */
async function internet(to: string): Promise<string> {
  const server = http.createServer((_request, response) => response.writeHead(302, { Location: to }).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a redirect', () => {
  it('is followed over several servers, and the final address is returned', async () => {
    await using fixture = await httpFixture()
    const { server, http: port, path } = fixture
    server.serve('/image', { bytes: BYTES })
    server.fault('/latest', answerWith(302, { Location: '/mirror' }))
    server.fault('/mirror', answerWith(307, { Location: `http://localhost:${server.port}/image#part` }))
    await port.download({ urls: [server.url('/latest')], digest: DIGEST, to: path('image') })
    expect(Buffer.compare(await readFile(path('image')), BYTES)).toBe(0)
    server.fault('/sums', answerWith(301, { Location: '/image' }))
    const document = await port.getDocument(server.url('/sums'))
    expect(document.url.href).toBe(server.url('/image').href)
  })

  it('in a loop is an error', async () => {
    await using fixture = await httpFixture()
    const { server, http: port } = fixture
    server.fault('/a', answerWith(302, { Location: '/b' }))
    server.fault('/b', answerWith(302, { Location: '/a' }))
    await expect(port.peek(server.url('/a'))).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('in a circle'),
      hint: expect.stringContaining('final address'),
    })
  })

  it('after redirect is an error at the limit', async () => {
    await using fixture = await httpFixture()
    const { server, http: port } = fixture
    for (let n = 0; n < 20; n += 1) server.fault(`/${n}`, answerWith(302, { Location: `/${n + 1}` }))
    await expect(port.peek(server.url('/0'))).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('more than 10 times'),
      hint: expect.stringContaining('final address'),
    })
  })

  it.each([
    ['nowhere', {}, 'redirects nowhere'],
    ['to a file', { Location: 'file:///etc/passwd' }, 'redirects to a file: address'],
  ])('%s is refused', async (_what, headers, message) => {
    await using fixture = await httpFixture()
    fixture.server.fault('/a', answerWith(302, headers))
    await expect(fixture.http.peek(fixture.server.url('/a'))).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining(message),
      hint: expect.stringContaining('final address'),
    })
  })

  it('sends credentials to the same server only', async () => {
    await using fixture = await httpFixture()
    const { server, http: port } = fixture
    server.serve('/image', { bytes: BYTES })
    const url = server.url('/a')
    url.username = 'ann'
    url.password = 'pa%20ss'
    server.fault('/a', answerWith(302, { Location: '/b' }))
    server.fault('/b', answerWith(302, { Location: `http://localhost:${server.port}/image` }))
    await port.getDocument(url)
    const basic = `Basic ${btoa('ann:pa ss')}`
    expect(server.headers.map(({ authorization }) => authorization)).toEqual([basic, basic, undefined])
  })

  it('from https to http is followed for bytes whose digest is known, not for a document or an image to be measured', async () => {
    const { key, cert } = await certificate()
    await using secure = await httpFixture({ ca: cert }, { tls: { key, cert } })
    await using plain = await httpFixture()
    plain.server.serve('/image', { bytes: BYTES })
    secure.server.fault('/a', answerWith(302, { Location: plain.server.url('/image').href }), 4)
    await secure.http.download({ urls: [secure.server.url('/a')], digest: DIGEST, to: secure.path('image') })
    for (const unguarded of [
      () => secure.http.getDocument(secure.server.url('/a')),
      () => secure.http.measure({ url: secure.server.url('/a'), to: secure.path('measured') }),
      () => secure.http.peek(secure.server.url('/a'), { mayDowngrade: false }),
    ]) {
      await expect(unguarded()).rejects.toMatchObject({
        code: 'HTTP',
        message: expect.stringContaining('from https to plain http'),
        hint: expect.stringContaining('Use a mirror with https'),
      })
    }
  })
})

describe('a public server that redirects', () => {
  it.each([
    'http://127.0.0.1:1/x',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]:1/x',
    'http://[::ffff:10.0.0.1]/x',
    'http://printer/x',
  ])('to %s is refused, through a proxy too', async (target) => {
    await using fixture = await httpFixture({ proxy: { http: await internet(target) } })
    await expect(fixture.http.peek(new URL('http://198.51.100.7/image'))).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringMatching(
        /is on a private network, but a public server redirects there|is a link-local or cloud metadata address/,
      ),
    })
  })

  it('to a name with a private address is refused before anything is sent', async () => {
    await using fixture = await httpFixture()
    const { server } = fixture
    const proxy = {
      http: await internet(`http://rebound.example.net:${server.port}/image`),
      noProxy: 'example.net',
    }
    const port = fixture.again({
      proxy,
      lookup: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    })
    await expect(port.peek(new URL('http://198.51.100.7/image'))).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('rebound.example.net'),
      hint: expect.stringContaining('private server itself'),
    })
    expect(server.requests).toEqual([])
  })

  it('to another public one is followed', async () => {
    await using fixture = await httpFixture()
    const proxy = { http: await internet('http://203.0.113.9/image') }
    await expect(fixture.again({ proxy }).peek(new URL('http://198.51.100.7/image'))).rejects.toMatchObject({
      message: expect.stringContaining('in a circle'),
    })
  })
})
