// The same declaration, written by Proxmox and by us. cloud-init's own parser must interpret both in the same way.
import { encrypt } from 'unixcrypt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Machine } from '../../../src/manifest/manifest.ts'
import { wantedConfig } from '../../../src/plan/config/machine-config.ts'
import { seedReasons } from '../../../src/plan/first-boot/seed-documents.ts'
import { cloudInitVersions, type Documents, type Understood, understand } from '../../support/cloud-init.ts'
import { DNS, KEY, meaning, OTHER_KEY, prepare } from '../../support/first-boot.ts'
import { createLab, type Lab } from '../../support/machine-lab.ts'

const SHA512 = encrypt('hunter2', '$6$saltsaltsalt')
const BCRYPT = `$2b$10$${'a'.repeat(53)}`

/** What both writers support: situation, `cloudInit`, name of the machine, number of cards. */
const BOTH: readonly (readonly [situation: string, cloudInit: string, name?: string, cards?: number])[] = [
  ['nothing but DHCP', `ip: dhcp, ${DNS}`],
  ['a user', `user: ops, ip: dhcp, ${DNS}`],
  ['a user with a key', `user: ops, sshKeys: ["${KEY} ops@desk"], ip: dhcp, ${DNS}`],
  ['keys for the user of the image', `sshKeys: ["${KEY}", "${OTHER_KEY} two"], ip: dhcp, ${DNS}`],
  ['a key with options', `sshKeys: ['from="10.0.0.0/8",no-pty ${KEY} jump'], ip: dhcp, ${DNS}`],
  ['a key whose comment has a #', `sshKeys: ["${KEY} desk #2"], ip: dhcp, ${DNS}`],
  ['root with a key', `user: root, sshKeys: ["${KEY}"], ip: dhcp, ${DNS}`],
  ['root with a password', `user: root, password: hunter2, ip: dhcp, ${DNS}`],
  ['root with neither', `user: root, ip: dhcp, ${DNS}`],
  ['a plain password', `user: ops, password: "S3cret: x # y", ip: dhcp, ${DNS}`],
  ['a password that cloud-init would make up', `user: ops, password: R, ip: dhcp, ${DNS}`],
  ['a password beyond ASCII', `user: ops, password: "pässwört €", ip: dhcp, ${DNS}`],
  ['a password of digits', `user: ops, password: "0123", ip: dhcp, ${DNS}`],
  ['a password for the user of the image', `password: hunter2, ip: dhcp, ${DNS}`],
  ['a SHA-512 hash', `user: ops, password: "${SHA512}", ip: dhcp, ${DNS}`],
  ['a SHA-256 hash', `user: ops, password: "${encrypt('x', '$5$saltsalt')}", ip: dhcp, ${DNS}`],
  ['a bcrypt hash of kind 2y', `user: ops, password: "${BCRYPT.replace('2b', '2y')}", ip: dhcp, ${DNS}`],
  ['a user with a dot', `user: jane.doe, ip: dhcp, ${DNS}`],
  ['a user of a domain', `user: jane@corp.example, ip: dhcp, ${DNS}`],
  ['no upgrade', `user: ops, upgrade: false, ip: dhcp, ${DNS}`],
  ['an upgrade', `user: ops, upgrade: true, ip: dhcp, ${DNS}`],
  ['a name with dots', `ip: dhcp, ${DNS}`, 'web.corp.example'],
  [
    'a name with dots and several domains',
    'ip: dhcp, dns: { servers: [10.0.0.53], domains: [a.example, b.example] }',
    'web.corp',
  ],
  ['a name of digits', `ip: dhcp, ${DNS}`, '1001'],
  ['a name like a date', `ip: dhcp, ${DNS}`, '2026-11-29'],
  ['no domain', 'ip: dhcp, dns: { servers: [10.0.0.53], domain: x }'],
  ['two name servers, one of IPv6', 'ip: dhcp, dns: { servers: [10.0.0.53, "2606:4700::1111"], domain: lab.example }'],
  ['a fixed address', `ip: 10.0.0.5/24, ${DNS}`],
  ['a fixed address with its gateway', `ip: 10.0.0.5/24, gateway: 10.0.0.1, ${DNS}`],
  ['a fixed address in a small prefix', `ip: 10.0.0.5/30, gateway: 10.0.0.6, ${DNS}`],
  ['a fixed address in a large prefix', `ip: 10.1.2.3/8, gateway: 10.255.255.254, ${DNS}`],
  ['a point-to-point prefix', `ip: 10.0.0.5/31, gateway: 10.0.0.4, ${DNS}`],
  ['DHCP of both kinds', `ip: dhcp, ip6: dhcp, ${DNS}`],
  ['IPv6 by announcements', `ip: dhcp, ip6: auto, ${DNS}`],
  ['IPv6 alone, by announcements', `ip6: auto, ${DNS}`],
  ['IPv6 alone, by DHCP', `ip6: dhcp, ${DNS}`],
  ['a fixed IPv6 address', `ip: dhcp, ip6: "2001:db8::8/64", ${DNS}`],
  ['a fixed IPv6 address with its gateway', `ip: dhcp, ip6: "2001:db8::8/64", gateway6: "2001:db8::1", ${DNS}`],
  ['an IPv6 gateway on the link', `ip6: "2001:db8::8/64", gateway6: "fe80::1", ${DNS}`],
  ['a single IPv6 address behind a gateway on the link', `ip6: "2001:db8::8/128", gateway6: "fe80::1", ${DNS}`],
  ['both kinds fixed', `ip: 10.0.0.5/24, gateway: 10.0.0.1, ip6: "2001:db8::8/64", gateway6: "2001:db8::1", ${DNS}`],
  ['two cards', `addresses: [{ ip: dhcp }, { ip: 10.9.0.5/24 }], ${DNS}`, 'web', 2],
  ['two cards, the second without address', `ip: 10.0.0.5/24, gateway: 10.0.0.1, ${DNS}`, 'web', 2],
  [
    'three cards of all kinds',
    `addresses: [{ ip: dhcp }, { ip6: auto }, { ip: 10.9.0.5/24, ip6: "fd00::5/64" }], ${DNS}`,
    'web',
    3,
  ],
  ['no word about addresses', DNS],
  ['no word about addresses of two cards', DNS, 'web', 2],
]

const MARKER = { project: 'lab', name: 'web', kind: 'machine', image: 'fast', base: 'b', spec: 's' } as const

const VMID = 5000

/** Returns the documents on Proxmox's own drive for each machine, from one VM that is changed for each case. */
async function proxmoxDocuments(lab: Lab, machines: readonly Machine[]): Promise<readonly Documents[]> {
  await lab.task('POST', '/nodes/pve1/qemu', { vmid: VMID })
  const documents: Documents[] = []
  let present: readonly string[] = []
  for (const machine of machines) {
    const keys = keysOf(machine)
    const gone = present.filter((key) => !(key in keys))
    await lab.call('PUT', `/nodes/pve1/qemu/${VMID}/config`, {
      ...keys,
      ...(gone.length > 0 && { delete: gone.join(',') }),
    })
    present = Object.keys(keys)
    documents.push(await dumped(lab))
  }
  return documents
}

const KEYS = /^(name|net\d+|ci(user|password|upgrade)|sshkeys|nameserver|searchdomain|ipconfig\d+)$/

function keysOf(machine: Machine): Record<string, unknown> {
  const wanted = Object.entries(wantedConfig(machine, {}, MARKER, { all: true }))
  return Object.fromEntries(wanted.filter(([key, value]) => value !== null && KEYS.test(key)))
}

async function dumped(lab: Lab): Promise<Documents> {
  const dump = (type: string) => lab.call<string>('GET', `/nodes/pve1/qemu/${VMID}/cloudinit/dump`, { type })
  const [user, meta, network] = await Promise.all([dump('user'), dump('meta'), dump('network')])
  return { 'user-data': user, 'meta-data': meta, 'network-config': network, 'vendor-data': '' }
}

const versions = cloudInitVersions()
const reason = versions.length === 0 ? " (skipped: cloud-init's Python is not here)" : ''

describe.skipIf(versions.length === 0)(`the same first boot on both drives${reason}`, () => {
  const cases = BOTH.map(([situation, ...words]) => ({ situation, ...prepare(...words) }))
  const answers = new Map<string, { readonly proxmox: readonly Understood[]; readonly ours: readonly Understood[] }>()
  let lab: Lab

  beforeAll(async () => {
    lab = await createLab({ nodes: ['pve1'] })
    const proxmox = await proxmoxDocuments(
      lab,
      cases.map(({ machine }) => machine),
    )
    const ours = cases.map((one) => one.ours)
    for (const version of versions)
      answers.set(version.name, { proxmox: understand(version, proxmox), ours: understand(version, ours) })
  })

  afterAll(() => lab.close())

  const table = versions.flatMap((version) =>
    cases.map(({ situation, machine }, index) => ({ version: version.name, situation, machine, index })),
  )

  it.each(table)('$situation means the same to cloud-init of $version', ({ version, machine, index }) => {
    const { proxmox, ours } = answers.get(version) ?? { proxmox: [], ours: [] }
    const [theirs, own] = [proxmox[index], ours[index]]
    if (theirs === undefined || own === undefined) throw new Error('not understood')
    const plain = machine.cloudInit?.password
    expect(meaning(own, plain)).toEqual(meaning(theirs, plain))
    expect([own.warnings, theirs.warnings]).toEqual([[], []])
  })

  it('contains nothing that Proxmox cannot write', () => {
    expect(
      cases.flatMap(({ situation, machine }) => seedReasons(machine).map((why) => `${situation}: ${why}`)),
    ).toEqual([])
  })
})
