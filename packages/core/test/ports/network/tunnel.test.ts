import { describe, expect, it } from 'vitest'
import { proxyFor } from '../../../src/ports/network/proxy.ts'
import { certificate } from '../pve/support/certificates.ts'
import { clientOf, rejection } from '../pve/support/client.ts'
import { startProxy } from '../pve/support/proxies.ts'
import { answer, startServer } from '../pve/support/servers.ts'

const here = () => startServer((response) => answer(response, 'here'))

describe('a proxy', () => {
  it('is used with its credentials, and the fingerprint is still checked', async () => {
    const server = await here()
    const proxy = await startProxy()
    const settings = { proxy: { https: proxy.url.replace('//', '//ann:pa%20ss@') } }
    expect(await clientOf(server, settings).pve.request('GET', '/version')).toBe('here')
    expect(proxy.connects).toEqual([{ to: server.url.host, authorization: `Basic ${btoa('ann:pa ss')}` }])
  })

  it('cannot present another certificate', async () => {
    const server = await here()
    const proxy = await startProxy()
    const { fingerprint } = await certificate('other')
    const { pve } = clientOf(server, { proxy: { https: proxy.url }, trust: { fingerprint } })
    expect(await rejection(pve.request('GET', '/version'))).toMatchObject({ code: 'TLS' })
    expect(server.seen).toEqual([])
  })

  it('that refuses is reported, without its password', async () => {
    const server = await here()
    const proxy = await startProxy({ refuse: 407 })
    const { pve } = clientOf(server, { proxy: { https: proxy.url.replace('//', '//ann:secret@') } })
    const error = await rejection(pve.request('GET', '/version'))
    expect(error).toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('407'),
      hint: expect.stringMatching(/^The proxy requires a login: HTTPS_PROXY=.*NO_PROXY/),
    })
    expect(JSON.stringify(error) + String(error)).not.toContain('secret')
  })

  it('that does not answer makes Proxmox unreachable', async () => {
    const server = await here()
    const { pve } = clientOf(server, { proxy: { https: 'http://127.0.0.1:1' } })
    expect(await rejection(pve.request('GET', '/version'))).toMatchObject({ code: 'UNREACHABLE' })
    expect(server.seen).toEqual([])
  })

  it('is not used for hosts in NO_PROXY', async () => {
    const server = await here()
    const { pve } = clientOf(server, { proxy: { https: 'http://127.0.0.1:1', noProxy: 'example.com,127.0.0.0/8' } })
    expect(await pve.request('GET', '/version')).toBe('here')
  })
})

describe('NO_PROXY', () => {
  const https = 'http://proxy:3128'
  it.each([
    ['https://pve1.lab.example:8006', 'lab.example'],
    ['https://pve1.lab.example:8006', '.lab.example'],
    ['https://pve1.lab.example:8006', '*.lab.example'],
    ['https://pve1.lab.example:8006', 'pve1.lab.example:8006'],
    ['https://pve1.lab.example:8006', 'a, pve1.lab.example'],
    ['https://pve1.lab.example:8006', '*'],
    ['https://10.0.0.5:8006', '10.0.0.5'],
    ['https://10.0.0.5:8006', '10.0.0.0/24'],
    ['https://[fd00::5]:8006', 'fd00::/16'],
    ['https://[fd00::5]:8006', 'fd00::5'],
  ])('excludes %s by %s', (endpoint, noProxy) => {
    expect(proxyFor(new URL(endpoint), { https, noProxy })).toBeUndefined()
  })

  it.each([
    ['https://pve1.lab.example:8006', ''],
    ['https://pve1.lab.example:8006', 'ab.example'],
    ['https://pve1.lab.example:8006', 'pve1.lab.example:443'],
    ['https://10.0.0.5:8006', '10.0.1.0/24'],
    ['https://10.0.0.5:8006', '0.0.5'],
    ['https://10.0.0.5:8006', 'fd00::/16'],
  ])('does not exclude %s by %j', (endpoint, noProxy) => {
    expect(proxyFor(new URL(endpoint), { https, noProxy })?.host).toBe('proxy:3128')
  })

  it('a proxy that is not an http address is refused without showing it', () => {
    expect(() => proxyFor(new URL('https://a:8006'), { https: 'socks5://u:secret@p:1' })).toThrow(
      expect.objectContaining({ code: 'UNREACHABLE', message: expect.not.stringContaining('secret') }),
    )
  })
})
