import { describe, expect, it } from 'vitest'
import type { Marker } from '../../../src/facts/cluster/marker.ts'
import { compareMachine } from '../../../src/plan/compare/compare-machine.ts'
import { deviceConfig } from '../../../src/plan/config/device-config.ts'
import { wantedConfig } from '../../../src/plan/config/machine-config.ts'
import { configPrivileges } from '../../../src/plan/preflight/config-privileges.ts'
import { desiredState, machineAsDeclared } from '../../support/given.ts'

const MARKER: Marker = { project: 'lab', name: 'web', kind: 'machine', image: 'fast', base: 'b', spec: 's' }

function machine(words: string) {
  const [found] = desiredState(`vms: { web: { ${words} } }`).machines
  if (!found) throw new Error('no machine')
  return found
}

function wanted(words: string, current = {}) {
  const { name: _, tags: __, description: ___, ...rest } = wantedConfig(machine(words), current, MARKER)
  return rest
}

describe('a key of the manifest as a key of the config', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['the limit and the share of CPU time', 'cpuLimit: 1.5, cpuUnits: 200', { cpulimit: 1.5, cpuunits: 200 }],
    [
      'VLANs, queues and a link that is down',
      'network: { bridge: vmbr0, trunks: [10, "20-30"], queues: 4, linkDown: true }',
      { net0: 'virtio,bridge=vmbr0,trunks=10;20-30,queues=4,link_down=1' },
    ],
    [
      'serial number, limits, replication and I/O of a disk',
      'disks: [{ size: 1 GiB, serial: "data 1", replicate: false, aio: native, limits: { readMBps: 10, writeMBps: 5, readIops: 100, writeIops: 50 } }]',
      {
        scsi1: 'disks:1,replicate=0,aio=native,serial=data%201,mbps_rd=10,mbps_wr=5,iops_rd=100,iops_wr=50',
      },
    ],
    [
      'disks on several buses, each counted for itself',
      'disks: [{ size: 1 GiB }, { size: 2 GiB, bus: virtio }, { size: 3 GiB }, { size: 4 GiB, bus: sata }]',
      { scsi1: 'disks:1', virtio0: 'disks:2', scsi2: 'disks:3', sata0: 'disks:4' },
    ],
    [
      'devices by mapping, each kind counted for itself',
      'devices: [{ pci: gpu, pcie: true, primaryGpu: true }, { usb: zigbee }, { pci: nic, romBar: false, mdev: i915-1 }, { virtiofs: media, cache: never, acl: true }]',
      {
        hostpci0: 'mapping=gpu,pcie=1,x-vga=1',
        hostpci1: 'mapping=nic,rombar=0,mdev=i915-1',
        usb0: 'mapping=zigbee',
        virtiofs0: 'media,cache=never,expose-acl=1',
      },
    ],
    [
      'ISO images beside the cloud-init drive',
      'cdrom: [local:iso/a.iso, local:iso/b.iso]',
      { ide0: 'local:iso/a.iso,media=cdrom', sata5: 'local:iso/b.iso,media=cdrom' },
    ],
    ['a display with its memory', 'vga: { type: virtio, memory: 64 MiB }', { vga: 'virtio,memory=64' }],
    ['a display beside a serial console', 'vga: std, serial: true', { vga: 'std', serial0: 'socket' }],
    [
      'random numbers and a watchdog as they usually are',
      'rng: true, watchdog: true',
      {
        rng0: '/dev/urandom',
        watchdog: 'i6300esb,action=reset',
      },
    ],
    ['neither of them', 'rng: false, watchdog: false', { rng0: null, watchdog: null }],
    [
      'texts of the firmware',
      'smbios: { serial: "A,1", family: Lab }',
      { smbios1: 'base64=1,serial=QSwx,family=TGFi' },
    ],
    ['a machine type with an IOMMU', 'machine: "q35,viommu=intel"', { machine: 'q35,viommu=intel' }],
    [
      'a search domain',
      'cloudInit: { dns: { domain: a.example } }',
      {
        nameserver: null,
        searchdomain: 'a.example',
      },
    ],
  ])('says %s', (_what, words, config) => {
    expect(wanted(words)).toEqual(config)
  })
})

describe('undeclared options', () => {
  it('keeps devices by raw address, which a token may not change, and removes undeclared mappings', () => {
    const current = { hostpci0: '0000:01:00.0,pcie=1', hostpci1: 'mapping=old', usb0: 'spice' }
    expect(wanted('devices: [{ pci: gpu }]', current)).toEqual({ hostpci1: 'mapping=gpu' })
    expect(wanted('devices: []', current)).toEqual({ hostpci1: null })
  })

  it('keeps VLANs, queues and link of a card where the manifest does not state them', () => {
    const current = { net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0,queues=2,trunks=5' }
    expect(wanted('network: { bridge: vmbr0 }', current)).toEqual(current)
    expect(wanted('network: { bridge: vmbr0, queues: 0, trunks: [] }', current)).toEqual({
      net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
    })
  })

  it('keeps the UUID and other texts of the firmware', () => {
    const current = { smbios1: 'uuid=3a1e3c5e-0000-4000-8000-000000000001,sku=plain' }
    expect(wanted('smbios: { serial: S1 }', current)).toEqual({
      smbios1: 'uuid=3a1e3c5e-0000-4000-8000-000000000001,sku=cGxhaW4=,base64=1,serial=UzE=',
    })
  })

  it('ejects a CD that is no longer declared, and no disk in its place', () => {
    const made = {
      ide0: 'local:iso/fast-0123456789abcdef-12.iso,media=cdrom,size=1M',
      sata5: 'local:iso/fast2-0123456789abcdef.iso,media=cdrom',
    }
    // The build matters only when the CD is inserted.
    const held = { ...machine('cdrom: []'), cdroms: [{ image: 'fast' }, { image: 'fast' }] }
    expect(deviceConfig(held, made, (key) => key === 'cdrom')).toEqual({
      ide0: made.ide0,
      sata5: 'none,media=cdrom,import-from=image:fast',
    })
    expect(wanted('cdrom: []', { ide0: 'local:iso/a.iso,media=cdrom', sata5: 'disks:vm-1-disk-1' })).toEqual({
      ide0: null,
    })
  })
})

describe('a machine with every device key', () => {
  const WORDS = `cpuLimit: 2, cpuUnits: 100, vga: { type: virtio, memory: 64 MiB }, rng: true, watchdog: true,
    smbios: { serial: abc }, devices: [{ pci: gpu, romBar: true }, { usb: zigbee, usb3: false }, { virtiofs: media, cache: auto }],
    cdrom: local:iso/a.iso, network: { bridge: vmbr0, trunks: [10], queues: 2, linkDown: false },
    disks: [{ size: 1 GiB, bus: virtio, serial: d1, replicate: true }]`

  it('is as declared after a run, also where Proxmox omits defaults', () => {
    const desired = desiredState(`vms: { web: { ${WORDS} } }`)
    const [web] = desired.machines
    const guest = machineAsDeclared(desired, 'web', {
      config: { hostpci0: 'mapping=gpu', rng0: 'source=/dev/urandom,max_bytes=1024', virtiofs0: 'dirid=media' },
    })
    expect(web && compareMachine(web, guest, { project: 'lab' })).toMatchObject({ action: 'keep', set: {} })
  })

  it.each([
    ['cpulimit', 1],
    ['cpuunits', 50],
    ['vga', 'virtio,memory=32'],
    ['rng0', '/dev/random'],
    ['watchdog', 'ib700'],
    ['smbios1', 'base64=1,serial=QUJD'],
    ['hostpci0', 'mapping=other'],
    ['usb0', 'mapping=other'],
    ['virtiofs0', 'media,cache=never'],
    ['ide0', 'local:iso/b.iso,media=cdrom'],
    ['net0', 'virtio=BC:24:11:00:00:01,bridge=vmbr0,trunks=11,queues=2'],
    ['virtio0', 'disks:vm-1-disk-1,size=1G,serial=d2'],
  ])('is changed where its %s differs', (key, value) => {
    const desired = desiredState(`vms: { web: { ${WORDS} } }`)
    const [web] = desired.machines
    const guest = machineAsDeclared(desired, 'web', { config: { [key]: value } })
    const verdict = web && compareMachine(web, guest, { project: 'lab' })
    expect(Object.keys(verdict?.set ?? {}).filter((one) => one !== 'description')).toEqual([key])
  })
})

it('requires the privileges that Proxmox checks', () => {
  const changes = {
    cpulimit: 1,
    hostpci0: 'mapping=gpu',
    usb0: 'mapping=zigbee',
    virtiofs0: 'media',
    rng0: '/dev/hwrng',
    watchdog: 'i6300esb',
    smbios1: 'base64=1',
    ide0: 'local:iso/a.iso,media=cdrom',
    sata5: '',
    virtio0: 'disks:1',
    scsi1: 'big:0,import-from=image:data',
    ide1: 'none,media=cdrom,import-from=image:tools',
  }
  const needs = configPrivileges(changes, {
    machine: machine(''),
    current: { sata5: 'local:iso/b.iso,media=cdrom', hostpci0: 'mapping=old' },
  })
  expect(needs.map(({ path, privileges }) => `${path ?? ''} ${privileges.join('|')}`.trim())).toEqual([
    'VM.Config.CPU',
    'VM.Config.HWType',
    '/mapping/pci/gpu Mapping.Use',
    '/mapping/pci/old Mapping.Use',
    'VM.Config.HWType',
    '/mapping/usb/zigbee Mapping.Use',
    'VM.Config.Disk',
    '/mapping/dir/media Mapping.Use',
    'VM.Config.HWType',
    '/mapping/hwrng Mapping.Use',
    'VM.Config.HWType',
    'VM.Config.HWType',
    'VM.Config.CDROM',
    '/storage/local Datastore.Audit|Datastore.AllocateSpace',
    'VM.Config.CDROM',
    'VM.Config.Disk',
    '/storage/disks Datastore.AllocateSpace',
    'VM.Config.Disk',
    '/storage/big Datastore.AllocateSpace',
    '/storage/local Datastore.Audit|Datastore.AllocateSpace',
    'VM.Config.CDROM',
    '/storage/local Datastore.Audit|Datastore.AllocateSpace',
  ])
})
