import { describe, expect, it } from 'vitest'
import { parseTrust } from '../../../src/ports/pve/trust.ts'
import { certificate } from './support/certificates.ts'
import { clientOf, rejection } from './support/client.ts'
import { answer, startServer } from './support/servers.ts'

const here = () => startServer((response) => answer(response, 'here'))

describe('a certificate', () => {
  it('with the pinned fingerprint is trusted, whatever CA signed it', async () => {
    const server = await here()
    expect(await clientOf(server).pve.request('GET', '/version')).toBe('here')
  })

  it('whose fingerprint is one of several, in any spelling, is trusted', async () => {
    const server = await here()
    const other = await certificate('other')
    const fingerprint = `${other.fingerprint}, sha256:${server.fingerprint.replaceAll(':', '').toLowerCase()}`
    expect(await clientOf(server, { trust: { fingerprint } }).pve.request('GET', '/version')).toBe('here')
  })

  it('with another fingerprint is refused before anything is sent', async () => {
    const server = await here()
    const { fingerprint } = await certificate('other')
    const error = await rejection(clientOf(server, { trust: { fingerprint } }).pve.request('POST', '/nodes/pve1/qemu'))
    expect(error).toMatchObject({
      code: 'TLS',
      message: expect.stringContaining(server.fingerprint),
      details: { fingerprint: server.fingerprint, expected: [fingerprint] },
    })
    expect(server.seen).toEqual([])
  })

  it('signed by the given CA is trusted', async () => {
    const server = await here()
    expect(await clientOf(server, { trust: { ca: server.ca } }).pve.request('GET', '/version')).toBe('here')
  })

  it('signed by another CA is refused', async () => {
    const server = await here()
    const { cert } = await certificate('other')
    expect(await rejection(clientOf(server, { trust: { ca: cert } }).pve.request('GET', '/version'))).toMatchObject({
      code: 'TLS',
      hint: expect.stringMatching(/^PVE_CA is not the authority that signed it \(pve1\).* PVE_FINGERPRINT=/),
    })
    expect(server.seen).toEqual([])
  })

  it('of a CA, but for another host, is refused', async () => {
    const server = await startServer((response) => answer(response, 'here'), { name: 'elsewhere' })
    const { pve } = clientOf(server, { trust: { ca: server.ca } })
    expect(await rejection(pve.request('GET', '/version'))).toMatchObject({
      code: 'TLS',
      message: expect.stringContaining('is not valid for the name in PVE_ENDPOINT, only for 192.0.2.1'),
      hint: expect.stringContaining('PVE_ENDPOINT=https://192.0.2.1:8006'),
      details: { reason: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    })
    expect(server.seen).toEqual([])
  })

  it('must satisfy both when a fingerprint and a CA are given', async () => {
    const server = await here()
    const other = await certificate('other')
    const both = (fingerprint: string, ca: string) =>
      clientOf(server, { trust: { fingerprint, ca } }).pve.request('GET', '/version')
    expect(await both(server.fingerprint, server.ca)).toBe('here')
    expect(await rejection(both(server.fingerprint, other.cert))).toMatchObject({
      code: 'TLS',
      hint: expect.stringMatching(/although its fingerprint is right: remove PVE_CA/),
    })
    expect(await rejection(both(other.fingerprint, server.ca))).toMatchObject({ code: 'TLS' })
  })

  it('that has expired is refused with the date, and with how to renew it', async () => {
    const server = await startServer((response) => answer(response, 'here'), { name: 'expired' })
    const { pve } = clientOf(server, { trust: { ca: server.ca } })
    expect(await rejection(pve.request('GET', '/version'))).toMatchObject({
      code: 'TLS',
      message: expect.stringContaining('CERT_HAS_EXPIRED'),
      hint: expect.stringMatching(/^It expired on Jan .* 2020 GMT: renew it on the node/),
    })
  })

  it('without trust is refused, with its fingerprint and the line that trusts it', async () => {
    const server = await here()
    const error = await rejection(clientOf(server, { trust: {} }).pve.request('GET', '/version'))
    expect(error).toMatchObject({
      code: 'TLS',
      message: expect.stringContaining(server.fingerprint),
      hint: expect.stringContaining(`PVE_FINGERPRINT=${server.fingerprint}`),
      details: { reason: 'DEPTH_ZERO_SELF_SIGNED_CERT', subject: 'pve1' },
    })
    expect(server.seen).toEqual([])
  })

  it('that changes during a run is refused, and the change is reported', async () => {
    const server = await here()
    const { pve } = clientOf(server)
    expect(await pve.request('GET', '/version')).toBe('here')
    const other = await certificate('impostor')
    server.useCertificate(other)
    // A change always opens a new connection.
    const error = await rejection(pve.request('POST', '/nodes/pve1/qemu'))
    expect(error).toMatchObject({ code: 'TLS', message: expect.stringContaining('changed during the run') })
    expect(String(error)).toContain(other.fingerprint)
    expect(server.seen).toHaveLength(1)
  })
})

describe('a fingerprint', () => {
  it('is read with colons and without, in both cases', () => {
    const hex = 'ab'.repeat(32)
    const spelt = Array.from({ length: 32 }, () => 'AB').join(':')
    for (const fingerprint of [hex, hex.toUpperCase(), spelt, `SHA256:${spelt}`, [spelt]]) {
      expect(parseTrust({ fingerprint }).fingerprints).toEqual([spelt])
    }
    expect(parseTrust({ fingerprint: '' }).fingerprints).toEqual([])
  })

  it.each(['abc', 'AB:'.repeat(20), 'g'.repeat(64)])('such as %s is refused', (fingerprint) => {
    expect(() => parseTrust({ fingerprint })).toThrow(expect.objectContaining({ code: 'TLS' }))
  })
})

describe('an endpoint', () => {
  it('that is not https is refused at once', () => {
    expect(() => clientOf([], { endpoints: [new URL('http://127.0.0.1:8006')] })).toThrow(
      expect.objectContaining({ code: 'UNREACHABLE' }),
    )
  })
})

describe('a pasted fingerprint', () => {
  const FINGERPRINT = Array.from({ length: 32 }, () => 'AB').join(':')
  it.each([
    `sha256 Fingerprint=${FINGERPRINT}`,
    `SHA256 Fingerprint=${FINGERPRINT}\n`,
    `sha256:${FINGERPRINT.replaceAll(':', '').toLowerCase()}`,
    `SHA-256 Fingerprint=${FINGERPRINT}, ${FINGERPRINT}`,
  ])('is accepted in the format %j', (fingerprint) => {
    expect(new Set(parseTrust({ fingerprint }).fingerprints)).toEqual(new Set([FINGERPRINT]))
  })

  it('is refused with a hint where it is SHA-1', () => {
    for (const prefix of ['', 'SHA1 Fingerprint=', 'sha1 Fingerprint='])
      expect(() => parseTrust({ fingerprint: `${prefix}${FINGERPRINT.slice(0, 59)}` })).toThrow(
        `"${FINGERPRINT.slice(0, 59)}" is a SHA-1 fingerprint.`,
      )
  })

  it('is refused with a hint where it is not of a certificate', () => {
    expect(() => parseTrust({ ca: 'ssh-ed25519 AAAA' })).toThrow('PVE_CA contains no certificate.')
  })

  it('is refused with a hint where the certificate was cut off', async () => {
    const { cert } = await certificate()
    expect(() => parseTrust({ ca: cert.slice(0, 200) })).toThrow('The certificate in PVE_CA cannot be read')
    expect(parseTrust({ ca: `# cluster\n${cert}` }).ca).toContain(cert)
  })
})
