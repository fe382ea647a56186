// Requests through real proxies: plain HTTP directly, TLS through a tunnel.
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { proxyFor } from '../../../src/ports/network/proxy.ts'
import { httpFixture } from '../../support/http-fixture.ts'
import { certificate } from '../pve/support/certificates.ts'
import { clientOf, rejection } from '../pve/support/client.ts'
import { startProxy } from '../pve/support/proxies.ts'
import { answer, startServer } from '../pve/support/servers.ts'

async function startPlainProxy(): Promise<{
  readonly url: string
  readonly seen: { readonly url?: string; readonly authorization?: string }[]
}> {
  const seen: { url?: string; authorization?: string }[] = []
  const server = http.createServer((request, response) => {
    const authorization = request.headers['proxy-authorization']
    seen.push({
      ...(request.url === undefined ? {} : { url: request.url }),
      ...(authorization === undefined ? {} : { authorization }),
    })
    http.get(request.url ?? '', { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

describe('a proxy', () => {
  it('gets the whole address of a plain request, with its credentials', async () => {
    const proxy = await startPlainProxy()
    await using fixture = await httpFixture({ proxy: { http: proxy.url.replace('//', '//ann:pa%20ss@') } })
    fixture.server.serve('/sums', { bytes: Buffer.from('hello') })
    const { bytes } = await fixture.http.getDocument(fixture.server.url('/sums'))
    expect(Buffer.from(bytes).toString()).toBe('hello')
    expect(proxy.seen).toEqual([{ url: fixture.server.url('/sums').href, authorization: `Basic ${btoa('ann:pa ss')}` }])
  })

  it('carries TLS in a tunnel it cannot look into', async () => {
    const { key, cert } = await certificate()
    const proxy = await startProxy()
    await using fixture = await httpFixture({ ca: cert, proxy: { https: proxy.url } }, { tls: { key, cert } })
    fixture.server.serve('/sums', { bytes: Buffer.from('hello') })
    const { bytes } = await fixture.http.getDocument(fixture.server.url('/sums'))
    expect(Buffer.from(bytes).toString()).toBe('hello')
    expect(proxy.connects.map(({ to }) => to)).toEqual([fixture.server.url('/').host])
  })

  it('that refuses is reported, without its password', async () => {
    const { key, cert } = await certificate()
    const proxy = await startProxy({ refuse: 407 })
    const settings = { ca: cert, proxy: { https: proxy.url.replace('//', '//ann:secret@') } }
    await using fixture = await httpFixture(settings, { tls: { key, cert } })
    const error: unknown = await fixture.http.peek(fixture.server.url('/x')).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('the proxy answers 407'),
      hint: expect.stringContaining(`HTTPS_PROXY=http://USER:PASSWORD@${new URL(proxy.url).host}`),
    })
    expect(JSON.stringify(error) + String(error)).not.toContain('secret')
  })

  it('that does not answer is named, for vendors and for Proxmox', async () => {
    const { key, cert } = await certificate()
    await using fixture = await httpFixture(
      { ca: cert, proxy: { https: 'http://127.0.0.1:1' } },
      { tls: { key, cert } },
    )
    const vendor: unknown = await fixture.http.peek(fixture.server.url('/x')).catch((thrown: unknown) => thrown)
    expect(vendor).toMatchObject({ hint: expect.stringContaining('The proxy 127.0.0.1:1 comes from HTTPS_PROXY') })
    const server = await startServer((response) => answer(response, 'here'))
    const { pve } = clientOf(server, { proxy: { https: 'http://127.0.0.1:1' } })
    expect(await rejection(pve.request('GET', '/version'))).toMatchObject({
      message: expect.stringContaining('The proxy 127.0.0.1:1 does not answer'),
    })
    expect(server.seen).toEqual([])
  })

  it('is not used for hosts in NO_PROXY', async () => {
    await using fixture = await httpFixture({ proxy: { http: 'http://127.0.0.1:1', noProxy: '127.0.0.0/8' } })
    fixture.server.serve('/sums', { bytes: Buffer.from('hello') })
    await fixture.http.getDocument(fixture.server.url('/sums'))
  })

  it('is chosen by the scheme of the address', () => {
    const settings = { http: 'one:1', https: 'http://two:2', noProxy: 'spared.example:80' }
    expect(proxyFor(new URL('http://a.example/'), settings)?.host).toBe('one:1')
    expect(proxyFor(new URL('https://a.example/'), settings)?.host).toBe('two:2')
    expect(proxyFor(new URL('http://spared.example/'), settings)).toBeUndefined()
    expect(proxyFor(new URL('https://spared.example/'), settings)?.host).toBe('two:2')
    expect(proxyFor(new URL('http://a.example/'))).toBeUndefined()
    expect(() => proxyFor(new URL('http://a.example/'), { http: 'socks5://u:secret@p:1' })).toThrow(
      expect.objectContaining({ code: 'UNREACHABLE', message: expect.not.stringContaining('secret') }),
    )
  })
})

describe('TLS', () => {
  it('reads a large body whole', async () => {
    const { key, cert } = await certificate()
    await using fixture = await httpFixture({ ca: cert }, { tls: { key, cert } })
    const bytes = Buffer.alloc(5_000_000, 'abcdefg')
    fixture.server.serve('/big', { bytes })
    const document = await fixture.http.getDocument(fixture.server.url('/big'), { limitBytes: 6_000_000 })
    expect(Buffer.compare(Buffer.from(document.bytes), bytes)).toBe(0)
  })

  it('with a self-signed certificate is refused', async () => {
    const { key, cert } = await certificate()
    await using fixture = await httpFixture({}, { tls: { key, cert } })
    await expect(fixture.http.peek(fixture.server.url('/x'))).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('a certificate that is not trusted'),
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
  })

  it('with a certificate for another host is refused', async () => {
    const { key, cert } = await certificate('elsewhere')
    await using fixture = await httpFixture({ ca: cert }, { tls: { key, cert } })
    await expect(fixture.http.peek(fixture.server.url('/x'))).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('not trusted'),
    })
  })
})
