// Which addresses are private.
import type { LookupFunction } from 'node:net'
import { describe, expect, it } from 'vitest'
import { isMetadata, isPrivateAddress, isPrivateHost } from '../../../src/ports/http/address.ts'
import { httpFixture } from '../../support/http-fixture.ts'

describe('private', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1%eth0',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:a00:1',
    '64:ff9b::a00:1',
    '64:ff9b::7f00:1',
    '::a00:1',
    '2002:a00:1::1',
  ])('is the address %s', (address) => expect(isPrivateAddress(address)).toBe(true))

  it.each([
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '198.51.100.7',
    '2606:4700::1111',
    '::ffff:1.1.1.1',
    '64:ff9b::101:101',
    '::101:101',
    '2002:101:101::1',
    'not an address',
  ])('is not the address %s', (address) => expect(isPrivateAddress(address)).toBe(false))

  it.each([
    'localhost',
    'LOCALHOST',
    'printer',
    'nas.lan',
    'db.internal',
    'a.localhost',
    'b.home.arpa',
    '[::1]',
    '10.0.0.1',
  ])('is the host %s', (host) => expect(isPrivateHost(host)).toBe(true))

  it.each(['cloud.debian.org', 'lan.example', '1.1.1.1', '[2606:4700::1111]'])('is not the host %s', (host) =>
    expect(isPrivateHost(host)).toBe(false),
  )
})

describe('an address where clouds keep credentials', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'fe80::1%eth0',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    'fd00:ec2::254',
    '100.100.100.200',
    '168.63.129.16',
  ])('%s is one', (address) => {
    expect(isMetadata(address)).toBe(true)
  })

  it.each(['169.253.1.1', '10.0.0.1', '::1', '2002:a9fd:1::1', 'fd00::1', '127.0.0.1', 'example.org'])(
    '%s is none',
    (address) => {
      expect(isMetadata(address)).toBe(false)
    },
  )

  it.each([
    ['http://169.254.169.254/latest/meta-data', undefined],
    ['http://metadata.example/x', '169.254.169.254'],
  ])('%s is not asked, whatever resolves to it', async (address, resolved) => {
    const lookup: LookupFunction = (_, __, callback) => callback(null, resolved ?? '127.0.0.1', 4)
    await using fixture = await httpFixture({ lookup, timing: { retries: 0 } })
    await expect(fixture.http.peek(new URL(address))).rejects.toMatchObject({
      code: 'HTTP',
      message: expect.stringContaining('link-local'),
    })
  })
})
