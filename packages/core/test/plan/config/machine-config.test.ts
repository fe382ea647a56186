import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Marker } from '../../../src/facts/cluster/marker.ts'
import { specHash } from '../../../src/plan/compare/spec-hash.ts'
import { wantedConfig } from '../../../src/plan/config/machine-config.ts'
import { passwordHash } from '../../../src/plan/first-boot/password-hash.ts'
import { decodeKeys, encodeKeys } from '../../../src/plan/first-boot/proxmox-keys.ts'
import { desiredState } from '../../support/given.ts'

const MARKER: Marker = { project: 'lab', name: 'web', kind: 'machine', image: 'fast', base: 'b', spec: 's' }

function machine(words: string, name = 'web') {
  const [found] = desiredState(`vms: { ${name}: { ${words} } }`).machines
  if (!found) throw new Error('no machine')
  return found
}

function wanted(words: string, current = {}, all = true) {
  return wantedConfig(machine(words), current, MARKER, { all })
}

describe('wantedConfig', () => {
  it('has every option of a fully declared machine', () => {
    const config = wanted(`
      cores: 4, sockets: 2, cpu: host, numa: true, memory: 4 GiB, balloon: 1 GiB, bios: ovmf, secureBoot: true, tpm: true, machine: q35, osType: l26,
      network: [{ bridge: vmbr0, model: virtio, mac: "bc:24:11:00:00:01", vlan: 5, firewall: true, rate: 12.5, mtu: 1400 }],
      boot: [scsi0, net0], onBoot: true, startOrder: { order: 2, up: 30, down: 60 }, protection: true, tags: [Web], description: Hello`)
    expect(config).toMatchObject({
      name: 'web',
      cores: 4,
      sockets: 2,
      cpu: 'host',
      numa: 1,
      memory: 4096,
      balloon: 1024,
      bios: 'ovmf',
      machine: 'q35',
      ostype: 'l26',
      efidisk0: 'disks:1,efitype=4m,pre-enrolled-keys=1',
      tpmstate0: 'disks:1,version=v2.0',
      net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1,mtu=1400,rate=12.5,tag=5',
      boot: 'order=scsi0;net0',
      onboot: 1,
      startup: 'order=2,up=30,down=60',
      protection: 1,
      tags: 'pve-provision;web',
    })
    expect(config.description).toMatch(/^Hello\n\n<!-- pve-provision \{/)
  })

  it('has no undeclared options, except name, tags and marker', () => {
    expect(Object.keys(wanted('', {}, false)).sort()).toEqual(['description', 'name', 'tags'])
  })

  it('does not create EFI variables and TPM twice', () => {
    const config = wanted('bios: ovmf, tpm: true', { efidisk0: 'disks:x', tpmstate0: 'disks:y' })
    expect(config).not.toHaveProperty('efidisk0')
    expect(config).not.toHaveProperty('tpmstate0')
  })

  it('turns ballooning off with 0, and leaves it to Proxmox if undeclared', () => {
    expect(wanted('balloon: false').balloon).toBe(0)
    expect(wanted('').balloon).toBeNull()
  })
})

describe('cloud-init keys', () => {
  it('has one address per network, in order, including IPv6', () => {
    const config = wanted(
      'cloudInit: { addresses: [{ ip: 10.0.0.2/24, gateway: 10.0.0.1 }, { ip: dhcp, ip6: auto }, { ip6: "fd00::2/64", gateway6: "fd00::1" }] }',
    )
    expect(config).toMatchObject({
      ipconfig0: 'ip=10.0.0.2/24,gw=10.0.0.1',
      ipconfig1: 'ip=dhcp,ip6=auto',
      ipconfig2: 'ip6=fd00::2/64,gw6=fd00::1',
    })
  })

  it('encodes keys so that Proxmox accepts them: its own pattern, no plus sign, decodable', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.trim() === text && !/[\r\n]/.test(text)),
          { minLength: 1 },
        ),
        (keys) => {
          const encoded = encodeKeys(keys)
          // PVE::JSONSchema `urlencoded`: every byte is a word character, `-`, `.` or `~`, or percent-encoded.
          expect(encoded).toMatch(/^(?:[\w.~-]|%[0-9A-F]{2})*$/)
          expect(decodeKeys(encoded)).toEqual(keys)
        },
      ),
    )
  })

  it('leaves text that is not percent-encoded unchanged', () => {
    expect(decodeKeys('ssh-rsa AAAA 100%')).toEqual(['ssh-rsa AAAA 100%'])
  })
})

describe('custom documents', () => {
  const own =
    'network: { bridge: vmbr0 }, cloudInit: { userData: "#cloud-config", user: ops, password: a-secret, sshKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmaCpd5WgxkA1A7jPY2ZsOqbR/2qBGeWrCsjZoITTcC], ip: 10.0.0.5/24, gateway: 10.0.0.1, dns: { servers: [9.9.9.9] } }'

  it('replace the Proxmox keys, on a CD with a digest in its name', () => {
    const config = wanted(own)
    expect(config.ide2).toMatch(/^local:iso\/web-seed-[0-9a-f]{16}\.iso,media=cdrom$/)
    expect(Object.keys(config).filter((key) => /^(ci|ip|ssh|name)/.test(key))).toEqual(['name'])
  })

  it('keep the MAC of an existing machine', () => {
    const net0 = 'virtio=BC:24:11:AA:BB:CC,bridge=vmbr0'
    expect(wanted(own, { net0 }, false).net0).toBe(net0)
    expect(wanted(own, {}, true).net0).toMatch(/^virtio=02(:[0-9A-F]{2}){5},bridge=vmbr0$/)
  })

  it('leave the MAC of a new machine to Proxmox where the network document is custom', () => {
    const config = wanted('network: { bridge: vmbr0 }, cloudInit: { networkConfig: "version: 2" }')
    expect(config.net0).toBe('virtio,bridge=vmbr0')
  })
})

describe('specHash', () => {
  it('changes with the declaration; the password has its own part', () => {
    const spec = (words: string) => specHash(machine(words), 'lab')
    expect(spec('cores: 2')).not.toBe(spec('cores: 3'))
    const [one, other] = ['one', 'two'].map((word) => spec(`cloudInit: { user: ops, password: ${word} }`).split('-'))
    expect(one?.[0]).toBe(other?.[0])
    expect(one?.[1]).not.toBe(other?.[1])
  })
})

describe('passwordHash', () => {
  it('is eight hex digits that depend on the project, and never the password', () => {
    expect(passwordHash('hunter2', 'lab')).toMatch(/^[0-9a-f]{8}$/)
    expect(passwordHash('hunter2', 'lab')).not.toBe(passwordHash('hunter2', 'home'))
    expect(passwordHash('hunter2', 'lab')).toBe(passwordHash('hunter2', 'lab'))
  })
})
