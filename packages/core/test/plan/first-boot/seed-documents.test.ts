import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { onLinkNotes } from '../../../src/plan/first-boot/first-boot-notes.ts'
import { macsOf } from '../../../src/plan/first-boot/macs.ts'
import { isOtherInstance, seedDocuments, seedReasons, seedVolume } from '../../../src/plan/first-boot/seed-documents.ts'
import { desiredState } from '../../support/given.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC'
const OWN = 'vendorData: "#cloud-config\\n{}\\n"'

function machine(cloudInit: string, rest = 'network: { bridge: vmbr0 }', name = 'web') {
  const [found] = desiredState(`vms: { "${name}": { ${rest}, cloudInit: { ${cloudInit} } } }`).machines
  if (!found) throw new Error('no machine')
  return found
}

function volume(cloudInit: string, current = {}) {
  const one = machine(cloudInit)
  return seedVolume(one, { project: 'lab', macs: macsOf(one, { project: 'lab', current }) }) ?? ''
}

function documents(cloudInit: string, current = {}) {
  const one = machine(cloudInit)
  const options = { project: 'lab', macs: macsOf(one, { project: 'lab', current }) }
  return seedDocuments(one, options, (password, salt) => `hash of ${password} with ${salt.length}`)
}

describe('the CD of a machine', () => {
  it('is not created where Proxmox can write the same', () => {
    expect(volume(`user: ops, password: a-secret, sshKeys: ["${KEY}"], ip: 10.0.0.5/24, gateway: 10.0.0.1`)).toBe('')
  })

  it.each([
    [OWN, 'its own cloud-init documents'],
    ['user: "on"', 'cloud-init needs quotes around the user on'],
    ['dns: { domains: [a.example, b.example] }', 'Proxmox would put all search domains into the host name'],
    ['ip: 203.0.113.7/32, gateway: 198.51.100.1', 'its gateway 198.51.100.1 is outside its prefix'],
    [`password: "$2b$10$${'a'.repeat(53)}"`, 'Proxmox does not recognise the hash of its password'],
  ])('is created for %s, with the reason', (cloudInit, reason) => {
    expect(seedReasons(machine(cloudInit))).toEqual([reason])
  })

  it('is not created for Windows without documents: cloudbase-init looks for the drive of Proxmox', () => {
    expect(seedReasons(machine('user: "on"', 'osType: win11, network: { bridge: vmbr0 }'))).toEqual([])
  })

  it('has another instance ID when anything declared changes', () => {
    const base = `${OWN}, user: ops, ip: 10.0.0.5/24, password: one`
    const others = [
      base.replace('10.0.0.5', '10.0.0.6'),
      base.replace('one', 'two'),
      base.replace('ops', 'eve'),
      `${base}, sshKeys: ["${KEY}"]`,
      `${base}, upgrade: false`,
      `${base}, dns: { domain: x.example }`,
      base.replace('{}', '{ a: 1 }'),
    ]
    for (const other of others) expect(isOtherInstance(volume(base), volume(other)), other).toBe(true)
    expect(new Set(others.map((other) => documents(other)['meta-data'])).size).toBe(others.length)
    expect(volume(base)).toBe(volume(base))
  })

  it('keeps the instance ID for keys in another order, and for the MAC that the machine has', () => {
    const two = [KEY, `${KEY} two`].map((key) => `"${key}"`)
    expect(volume(`${OWN}, sshKeys: [${two.join(', ')}]`).slice(0, -8)).toBe(
      volume(`${OWN}, sshKeys: [${two.toReversed().join(', ')}]`).slice(0, -8),
    )
    const own = 'networkConfig: "version: 2"'
    expect(volume(own, { net0: 'virtio=BC:24:11:AA:BB:CC,bridge=vmbr0' })).toBe(volume(own))
  })

  it('identifies cards by their MAC, or by a generated one', () => {
    const macOf = (current: object) => (parse(documents(OWN, current)['network-config'] ?? '') as Network).config[0]
    expect(macOf({ net0: 'virtio=BC:24:11:AA:BB:CC,bridge=vmbr0' })?.mac_address).toBe('bc:24:11:aa:bb:cc')
    expect(macOf({})?.mac_address).toMatch(/^02(:[0-9a-f]{2}){5}$/)
  })

  it('uses DHCP on all cards where no address is declared', () => {
    const network = parse(documents(`${OWN}, dns: { servers: [10.0.0.53] }`)['network-config'] ?? '') as Network
    expect(network.config).toMatchObject([{ subnets: [{ type: 'dhcp4' }] }, { address: ['10.0.0.53'] }])
  })

  it('contains a hash of a plain password, an unchanged hash, and neither in its file name', () => {
    const plain = documents(`${OWN}, password: a-secret`)
    expect(plain['user-data']).toContain('hash of a-secret with 16')
    const hash = `$y$j9T$abcdefghijklmnopqrstu.$${'a'.repeat(43)}`
    expect(documents(`${OWN}, password: "${hash}"`)['user-data']).toContain(`hashed_passwd: "${hash}"`)
    expect(volume(`${OWN}, password: a-secret`)).not.toContain('secret')
  })

  it('keeps a document that is not for cloud-init unchanged, and puts the account into vendor-data', () => {
    const ignition = documents(`user: ops, userData: '{ "ignition": { "version": "3.4.0" } }'`)
    expect(ignition['user-data']).toBe('{ "ignition": { "version": "3.4.0" } }')
    expect(ignition['vendor-data']).toContain('name: "ops"')
  })
})

interface Network {
  readonly config: readonly { readonly mac_address?: string }[]
}

describe('a gateway outside the prefix', () => {
  it.each([
    ['ip: 203.0.113.7/32, gateway: 198.51.100.1', true],
    ['ip6: "2001:db8::8/128", gateway6: "2001:db8:1::1"', true],
    ['ip6: "2001:db8::8/128", gateway6: "fe80::1"', false],
    ['ip: 10.0.0.5/24, gateway: 10.0.0.1', false],
    ['networkConfig: "version: 2"', false],
  ])('%s is noted, for images whose renderer drops the word: %s', (cloudInit, isNoted) => {
    const expected =
      /^The gateway of web is outside its prefix\. .*ifupdown, or with systemd-networkd alone, need a document of version 1/
    expect(onLinkNotes([machine(cloudInit)])).toEqual(isNoted ? [expect.stringMatching(expected)] : [])
  })
})
