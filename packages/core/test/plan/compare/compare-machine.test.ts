import { describe, expect, it } from 'vitest'
import { OWNER_TAG, writeDescription } from '../../../src/facts/cluster/marker.ts'
import type { GuestFacts } from '../../../src/facts/facts.ts'
import type { Machine } from '../../../src/manifest/manifest.ts'
import { compareMachine, type Verdict } from '../../../src/plan/compare/compare-machine.ts'
import { UNFINISHED } from '../../../src/plan/compare/spec-hash.ts'
import { desiredState, machineAsDeclared } from '../../support/given.ts'

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC ops@desk's (work)!*"

function machineOf(words: string): Machine {
  const [machine] = desiredState(`vms: { web: { ${words} } }`).machines
  if (machine === undefined) throw new Error('no machine')
  return machine
}

/** Returns the machine as a run with `words` leaves it, with the changes of `config`. */
function guestOf(words: string, config: Record<string, unknown> = {}, rest: Partial<GuestFacts> = {}): GuestFacts {
  const desired = desiredState(`vms: { web: { ${words} } }`)
  const disk = { scsi0: 'disks:100/base-100-disk-0.qcow2/20001/vm-20001-disk-0.qcow2,size=20G' }
  return machineAsDeclared(desired, 'web', { ...rest, config: { ...disk, ...config } })
}

function verdict(words: string, guest: GuestFacts): Verdict {
  return compareMachine(machineOf(words), guest, { project: 'lab' })
}

describe('compareMachine ignores equivalent values', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['numbers as text', 'cores: 2, memory: 2 GiB', { cores: '2', memory: '2048' }],
    ['memory in the form of newer versions', 'memory: 2 GiB', { memory: 'current=2048' }],
    [
      'a default that Proxmox does not write',
      'cores: 1, sockets: 1, onBoot: false, bios: seabios',
      { cores: undefined, sockets: undefined, onboot: undefined, bios: undefined },
    ],
    ['tags in another order, case and separator', 'tags: [Prod, alpha]', { tags: `PROD,${OWNER_TAG} alpha` }],
    [
      'a MAC in lower case, properties in another order',
      'network: { bridge: vmbr0, vlan: 7 }',
      { net0: 'tag=7,virtio=bc:24:11:00:00:01,bridge=vmbr0' },
    ],
    [
      'what the manifest has no word for',
      'network: { bridge: vmbr0 }',
      { net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0,queues=4,firewall=0' },
    ],
    [
      'drive options spelt otherwise',
      'disk: { size: 20 GiB, discard: true, ssd: true }',
      { scsi0: 'disks:20001/vm-20001-disk-0.qcow2,ssd=1,size=20480M,discard=on' },
    ],
    [
      'keys with another line end',
      `cloudInit: { sshKeys: ["${KEY}"] }`,
      {
        sshkeys: `${encodeURIComponent(KEY).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)}%0D%0A`,
      },
    ],
    ['an agent with more to say', 'agent: true', { agent: '1,fstrim_cloned_disks=1' }],
    [
      'name servers with commas',
      'cloudInit: { dns: { servers: [9.9.9.9, 1.1.1.1] } }',
      { nameserver: '9.9.9.9,1.1.1.1' },
    ],
    ['a start order by its default key', 'startOrder: { order: 3, up: 10 }', { startup: '3,up=10' }],
    [
      'undeclared keys, whatever they are',
      'cores: 2',
      { memory: '9999', onboot: 1, cpuunits: 5, tags: `mine;${OWNER_TAG}` },
    ],
    ['a boot order that nobody declared', 'cores: 1', { boot: 'order=scsi0;net0' }],
  ])('%s', (_, words, config) => {
    const found = verdict(words, guestOf(words, config))
    expect(found.why).toMatch(/is as declared$/)
    expect(found).toMatchObject({ action: 'keep', set: {}, remove: [], grow: {} })
  })

  it('custom text beside the marker', () => {
    const guest = guestOf('cores: 1')
    const config = { ...guest.config, description: writeDescription(guest.marker, 'ask Ann before you touch it') }
    expect(verdict('cores: 1', { ...guest, config }).action).toBe('keep')
  })
})

describe('compareMachine changes what differs', () => {
  it.each<[string, string, string, Record<string, string | number>]>([
    ['cores', 'cores: 2', 'cores: 4', { cores: 4 }],
    ['memory', 'memory: 1 GiB', 'memory: 2 GiB', { memory: 2048 }],
    [
      'a VLAN, keeping the MAC',
      'network: { bridge: vmbr0, mac: "BC:24:11:00:00:01" }',
      'network: { bridge: vmbr0, vlan: 7 }',
      { net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=7' },
    ],
    [
      'a VLAN that is gone',
      'network: { bridge: vmbr0, vlan: 7, mac: "BC:24:11:00:00:01" }',
      'network: { bridge: vmbr0 }',
      { net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0' },
    ],
    ['tags', 'tags: [a]', 'tags: [b, A]', { tags: `a;b;${OWNER_TAG}` }],
    ['a start policy', 'onBoot: false', 'onBoot: true', { onboot: 1 }],
    [
      'an address',
      'cloudInit: { ip: dhcp }',
      'cloudInit: { ip: 10.0.0.9/24, gateway: 10.0.0.1 }',
      { ipconfig0: 'ip=10.0.0.9/24,gw=10.0.0.1' },
    ],
    ['the agent', 'agent: true', 'agent: false', { agent: 'enabled=0' }],
  ])('%s', (_, before, after, set) => {
    const found = verdict(after, guestOf(before))
    expect(found.action).toBe('update')
    const { description, ...rest } = found.set
    expect(rest).toEqual(set)
    expect(description).toContain('"spec"')
  })

  it('removes cards and addresses that are no longer declared', () => {
    const before =
      'network: [{ bridge: vmbr0 }, { bridge: vmbr1 }], cloudInit: { addresses: [{ ip: dhcp }, { ip: dhcp }] }'
    expect(verdict('network: { bridge: vmbr0 }, cloudInit: { ip: dhcp }', guestOf(before)).remove).toEqual([
      'net1',
      'ipconfig1',
    ])
  })

  it('grows a disk, and ignores a disk without a declared size', () => {
    expect(verdict('disk: 30 GiB', guestOf('disk: 20 GiB')).grow).toEqual({ scsi0: 30 * 1024 ** 3 })
    expect(verdict('cores: 1', guestOf('cores: 1')).grow).toEqual({})
  })

  it('adds a disk and keeps the others', () => {
    const guest = guestOf('disks: [{ size: 1 GiB }]', { scsi1: 'disks:20001/vm-20001-disk-1.raw,size=1G' })
    expect(verdict('disks: [{ size: 1 GiB }, { size: 2.5 GiB, ssd: true, backup: false }]', guest).set).toMatchObject({
      scsi2: 'disks:2.5,ssd=1,backup=0',
    })
  })

  it('keeps a disk that was added in Proxmox, and reports it', () => {
    const guest = guestOf('disks: [{ size: 1 GiB }]', { scsi1: 'disks:x,size=1G', scsi2: 'disks:y,size=1G' })
    const found = verdict('disks: [{ size: 1 GiB }]', guest)
    expect(found.action).toBe('keep')
    expect(found.differences).toMatchObject([
      { key: 'disks[scsi2]', is: '1 GiB on disks', hint: expect.stringContaining('scsi2') },
    ])
  })

  it('sets everything on a machine whose creation was interrupted, though nothing is declared', () => {
    const guest = guestOf('cores: 1', { scsihw: undefined, memory: 2048 })
    const marker = { ...guest.marker, spec: UNFINISHED }
    const config = { ...guest.config, description: writeDescription(marker) }
    const found = verdict('cores: 1', { ...guest, marker, config })
    expect(found.set).toMatchObject({ scsihw: 'virtio-scsi-single', memory: 512 })
    expect(String(found.set.description)).not.toContain(UNFINISHED)
    expect(found.why).toMatch(/not finished/)
  })

  it('moves a machine into its pool and under HA, once', () => {
    const guest = guestOf('pool: prod, ha: true')
    expect(verdict('pool: prod, ha: true', guest).why).toBe('pool unset → prod, ha no → yes')
    expect(verdict('pool: prod, ha: true', guest)).toMatchObject({
      action: 'update',
      pool: 'prod',
      ha: { action: 'add' },
    })
    expect(verdict('pool: prod, ha: true', { ...guest, pool: 'prod', ha: { state: 'stopped' } }).action).toBe('keep')
  })

  it('detects a changed password, and shows neither the old nor the new one', () => {
    const password = (word: string) => `cloudInit: { user: ops, password: ${word} }`
    const guest = guestOf(password('first-secret'), { cipassword: '**********' })
    expect(verdict(password('first-secret'), guest).action).toBe('keep')
    const found = verdict(password('second-secret'), guest)
    expect(Object.keys(found.set)).toEqual(['cipassword', 'description'])
    expect(`${found.why}${found.set.description}`).not.toContain('secret')
  })

  it('says whether the manifest or the machine changed', () => {
    expect(verdict('cores: 4', guestOf('cores: 4', { cores: 2 })).why).toBe(
      'cores 2 → 4 (changed in Proxmox, not in the manifest)',
    )
    expect(verdict('cores: 4', guestOf('cores: 2')).why).toBe('cores 2 → 4')
    // The marker contains nothing about HA, so its origin is unknown.
    expect(verdict('cores: 4, ha: true', guestOf('cores: 4', { cores: 2 })).why).toBe(
      'cores 2 → 4 (changed in Proxmox, not in the manifest), ha no → yes',
    )
    expect(verdict('cores: 4, ha: true', guestOf('cores: 4')).why).toBe('ha no → yes')
    expect(verdict('disk: { size: 20 GiB, ssd: true }', guestOf('disk: 20 GiB')).why).toBe('disk.ssd no → yes')
  })

  it('marks changes that a running machine takes over later', () => {
    const guest = guestOf('cores: 1, tags: [a]', {}, { status: 'running' })
    const whens = (status: GuestFacts['status']) =>
      verdict('cores: 2, tags: [b]', { ...guest, status }).changes.map(({ key, when }) => `${key} ${when}`)
    expect(whens('running')).toEqual(['tags now', 'cores restart'])
    expect(whens('stopped')).toEqual(['tags now', 'cores now'])
  })
})

describe('compareMachine refuses what cannot be changed in place', () => {
  it.each<[string, string, Record<string, unknown>, RegExp]>([
    ['a smaller disk', 'disk: 10 GiB', {}, /has 20 GiB; Proxmox cannot shrink it to 10 GiB/],
    ['another image', 'image: slow', {}, /was created from fast; its image cannot be changed to slow/],
    ['another id', 'vmid: 321', {}, /is 20001; its VM ID cannot be changed to 321/],
    ['a smaller further disk', 'disks: [{ size: 1 GiB }]', { scsi1: 'disks:x,size=2G' }, /The disk scsi1 .* has 2 GiB/],
  ])('%s', (_, words, config, sentence) => {
    const { action, why, problem } = verdict(words, guestOf('cores: 1', config))
    expect(action).toBe('conflict')
    expect(why).not.toContain('is as declared')
    expect(problem).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(sentence),
      hint: expect.stringContaining('--replace web'),
    })
  })
})

describe('compareMachine checks memory against balloon where the manifest declares one', () => {
  it.each([
    ['memory: 512 MiB', { memory: '1024', balloon: 700 }, 'balloon'],
    ['balloon: 1 GiB', { memory: '768' }, 'memory'],
    ['balloon: 1 GiB', { memory: undefined }, 'memory'],
  ])('%s of a machine with %j', (words, config, other) => {
    const { action, problem } = verdict(words, guestOf('cores: 1', config))
    expect(action).toBe('conflict')
    expect(problem).toMatchObject({ code: 'CONFLICT', hint: `Set \`${other}\` in the manifest as well.` })
  })

  it.each([
    ['memory: 700 MiB', { memory: '1024', balloon: 700 }],
    ['memory: 512 MiB', { memory: '1024', balloon: 0 }],
    ['memory: 512 MiB, balloon: 512 MiB', { memory: '1024', balloon: 700 }],
  ])('%s is valid for one with %j', (words, config) => {
    expect(verdict(words, guestOf('cores: 1', config)).problem).toBeUndefined()
  })
})

describe('compareMachine reports differences that it does not change', () => {
  it('a machine that was moved to another node', () => {
    expect(verdict('cores: 1', guestOf('cores: 1', {}, { node: 'pve2' })).differences).toEqual([
      { key: 'node', is: 'pve2', declared: 'pve1', hint: expect.stringContaining('--move') },
    ])
  })
  it('disks on other storages, each with the key that names its storage', () => {
    const config = {
      scsi0: 'elsewhere:20001/vm-20001-disk-0.qcow2,size=20G',
      scsi1: 'disks:20001/vm-20001-disk-1.raw,size=1G',
      efidisk0: 'elsewhere:20001/vm-20001-disk-2.raw,size=528K',
      tpmstate0: 'elsewhere:20001/vm-20001-disk-3.raw,size=4M',
      ide2: 'elsewhere:20001/vm-20001-cloudinit.qcow2,media=cdrom',
    }
    const words = 'disks: [{ size: 1 GiB, storage: fast }]'
    const hint = 'To move it: pve-provision apply --move --only web'
    const stopped = verdict(words, guestOf(words, config))
    expect(stopped).toMatchObject({ action: 'keep' })
    expect(stopped.differences).toEqual([
      { key: 'storage.disks', is: 'elsewhere', declared: 'disks', hint },
      { key: 'disks[0].storage', is: 'disks', declared: 'fast', hint },
    ])
    const beside = verdict(words, guestOf(words, { ...config, scsi0: undefined }))
    expect(beside.differences.map(({ key }) => key)).toEqual([
      'disks[0].storage',
      'storage.disks (efidisk0)',
      'storage.disks (tpmstate0)',
      'storage.disks (ide2)',
    ])
    const running = verdict(words, guestOf(words, { ...config, scsi0: undefined }, { status: 'running' }))
    expect(running.differences.map(({ key, hint }) => [key, hint.split(':')[0]])).toEqual([
      ['disks[0].storage', 'While it is running'],
      ['storage.disks (efidisk0)', 'While it is running'],
      ['storage.disks (tpmstate0)', 'Once it is stopped'],
      ['storage.disks (ide2)', 'Once it is stopped'],
    ])
  })
  it('no disks on their declared storage, no empty CD drives and no CDs', () => {
    const config = { ide2: 'none,media=cdrom', sata5: 'elsewhere:iso/x.iso,media=cdrom' }
    expect(verdict('cores: 1', guestOf('cores: 1', config)).differences).toEqual([])
  })
  it('a TPM and an EFI disk that the manifest declares otherwise, and neither where it declares none', () => {
    const config = { tpmstate0: 'disks:x,size=4M', efidisk0: 'disks:y,pre-enrolled-keys=1,size=528K' }
    expect(verdict('bios: ovmf, tpm: false, secureBoot: false', guestOf('bios: ovmf', config))).toMatchObject({
      action: 'keep',
      differences: [
        { key: 'tpm', is: true, declared: false },
        { key: 'secureBoot', is: true, declared: false },
      ],
    })
    expect(verdict('bios: ovmf', guestOf('bios: ovmf', config)).differences).toEqual([])
  })
  it('no drive of an adopted machine, which may never have had one', () => {
    const adopted = guestOf('cloudInit: { user: ops }', { ide2: undefined })
    const marker = { ...adopted.marker, base: '' }
    const { set, changes } = verdict('cloudInit: { user: ops }', { ...adopted, marker })
    expect([set.ide2, changes]).toEqual([undefined, []])
  })
  it('a linked clone that the manifest wants as a full one, and no full one', () => {
    expect(verdict('fullClone: true', guestOf('cores: 1'))).toMatchObject({
      action: 'keep',
      differences: [{ key: 'fullClone', is: false, declared: true, hint: expect.stringContaining('--replace web') }],
    })
    const full = { scsi0: 'disks:20001/vm-20001-disk-0.qcow2,size=20G' }
    expect(verdict('fullClone: true', guestOf('cores: 1', full)).differences).toEqual([])
    expect(verdict('fullClone: false', guestOf('cores: 1', full)).differences).toEqual([])
  })
})

describe('a cloud-init drive that a user removed', () => {
  const words = 'cloudInit: { user: ops }'

  it.each<[string, Record<string, unknown>, Partial<GuestFacts>, string]>([
    ['a stopped VM', { ide2: undefined }, { status: 'stopped' }, 'boot'],
    ['a stopped VM, with an empty CD drive in its place', { ide2: 'none,media=cdrom' }, { status: 'stopped' }, 'boot'],
    ['a running VM', { ide2: undefined }, { status: 'running' }, 'restart'],
  ])('is added to %s', (_, config, rest, when) => {
    expect(verdict(words, guestOf(words, config, rest))).toMatchObject({
      action: 'update',
      set: { ide2: 'disks:cloudinit' },
      changes: [{ key: 'cloudInit', after: 'drive from Proxmox', when }],
    })
  })

  it.each<[string, Record<string, unknown>, Partial<GuestFacts>]>([
    ['it is on another bus', { ide2: undefined, scsi9: 'disks:20001/vm-20001-cloudinit.qcow2,media=cdrom' }, {}],
    ['a host device is in its place', { ide2: 'cdrom,media=cdrom' }, {}],
    ['its removal waits for a restart', { ide2: undefined }, { pending: [{ key: 'ide2', value: 'disks:cloudinit' }] }],
  ])('is not added where %s', (_, config, rest) => {
    expect(verdict(words, guestOf(words, config, { status: 'running', ...rest })).set).toEqual({})
  })

  it('is not added to a VM without `cloudInit`', () => {
    expect(verdict('cores: 1', guestOf('cores: 1', { ide2: undefined })).set).toEqual({})
  })
})

describe('a boot disk that a user detached', () => {
  const lost = (config: Record<string, unknown>, rest: Partial<GuestFacts> = {}) =>
    verdict('cores: 1', guestOf('cores: 1', { scsi0: undefined, ...config }, rest))

  it('is a conflict, with the command that attaches it', () => {
    expect(lost({ unused0: 'disks:20001/vm-20001-disk-0.qcow2' })).toMatchObject({
      action: 'conflict',
      problem: {
        code: 'CONFLICT',
        message: 'web (20001) has no boot disk: scsi0 is missing.',
        hint: expect.stringContaining('qm set 20001 --scsi0 disks:20001/vm-20001-disk-0.qcow2 --boot order=scsi0'),
      },
    })
  })

  it('or removed is a conflict, and only a replacement helps', () => {
    expect(lost({}).problem?.hint).toBe('To create the machine again from its image: pve-provision apply --replace web')
  })

  it('is none of an adopted machine, which may boot from another disk', () => {
    const { marker } = guestOf('cores: 1')
    expect(lost({ virtio0: 'disks:x' }, { marker: { ...marker, base: '' } }).problem).toBeUndefined()
  })
})
