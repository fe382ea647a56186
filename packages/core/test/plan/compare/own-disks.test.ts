import { describe, expect, it } from 'vitest'
import { type Marker, readMarker, writeDescription } from '../../../src/facts/cluster/marker.ts'
import type { GuestFacts } from '../../../src/facts/facts.ts'
import { diskKeys } from '../../../src/manifest/machine-disks.ts'
import type { Machine } from '../../../src/manifest/manifest.ts'
import { compareMachine } from '../../../src/plan/compare/compare-machine.ts'
import { unusedDisks } from '../../../src/plan/compare/own-disks.ts'
import { desiredState, machineAsDeclared } from '../../support/given.ts'

function machineOf(words: string): Machine {
  const [machine] = desiredState(`vms: { web: { ${words} } }`).machines
  if (machine === undefined) throw new Error('no machine')
  return machine
}

const BOOT = { scsi0: 'disks:20001/vm-20001-disk-0.qcow2,size=20G', boot: 'order=scsi0' }
const ONE = 'disks:20001/vm-20001-disk-1.qcow2,size=1G'
const TWO = 'disks:20001/vm-20001-disk-2.qcow2,size=2G'

interface Had {
  readonly config?: Record<string, unknown>
  readonly marker?: Partial<Marker>
  readonly status?: GuestFacts['status']
}

/** Returns the machine as declared by `words`, with disks that were declared before. */
function guestOf(words: string, { config = {}, marker = {}, status = 'stopped' }: Had): GuestFacts {
  const guest = machineAsDeclared(desiredState(`vms: { web: { ${words} } }`), 'web', { status, config: BOOT })
  const merged = { ...guest.marker, vmid: guest.vmid, keys: 'disks', ...marker }
  return { ...guest, marker: merged, config: { ...guest.config, ...config, description: writeDescription(merged) } }
}

function compare(words: string, had: Had) {
  const guest = guestOf(words, had)
  const verdict = compareMachine(machineOf(words), guest, { project: 'lab' })
  return { ...verdict, marker: readMarker(verdict.set.description) }
}

describe('a disk that the manifest no longer declares', () => {
  it('is detached, and its volume is recorded', () => {
    const { action, remove, changes, marker, why } = compare('disks: [{ size: 1 GiB }]', {
      config: { scsi1: ONE, scsi2: TWO },
      marker: { disks: 'scsi1,scsi2' },
    })
    expect({ action, remove }).toEqual({ action: 'update', remove: ['scsi2'] })
    expect(changes).toEqual([{ key: 'disks[scsi2]', before: '2 GiB on disks', when: 'now', impact: 'detached' }])
    expect(why).toMatch(/^disks\[scsi2\] removed: 2 GiB on disks/)
    expect(marker).toMatchObject({ disks: 'scsi1', detached: 'scsi2=disks:20001/vm-20001-disk-2.qcow2' })
  })

  it('is also detached when the manifest no longer declares disks', () => {
    const found = compare('cores: 1', { config: { scsi1: ONE }, marker: { disks: 'scsi1' } })
    expect(found).toMatchObject({ remove: ['scsi1'], marker: { disks: '' } })
  })

  it.each([
    ['that somebody added', { disks: 'scsi1' }],
    ['of a machine whose marker knows nothing of disks', {}],
  ])('stays when it is %s', (_, marker) => {
    const { action, differences } = compare('disks: [{ size: 1 GiB }]', {
      config: { scsi1: ONE, scsi2: TWO },
      marker,
    })
    expect(action).toBe('keep')
    expect(differences).toMatchObject([{ key: 'disks[scsi2]', is: '2 GiB on disks' }])
  })

  it.each([
    ['virtio0', 'now'],
    ['sata0', 'restart'],
  ])('%s disappears from a running machine: %s', (key, when) => {
    const { changes } = compare('disks: []', {
      config: { [key]: ONE },
      marker: { disks: key },
      status: 'running',
    })
    expect(changes).toMatchObject([{ key: `disks[${key}]`, when, impact: 'detached' }])
  })

  it('waits for a restart where the machine does not hotplug disks', () => {
    const { changes } = compare('disks: []', {
      config: { scsi1: ONE, hotplug: 'network' },
      marker: { disks: 'scsi1' },
      status: 'running',
    })
    expect(changes).toMatchObject([{ when: 'restart' }])
  })

  it('is still ours when it was attached again in Proxmox', () => {
    const detached = 'scsi1=disks:20001/vm-20001-disk-1.qcow2'
    const had = { config: { scsi1: ONE }, marker: { disks: '', detached } }
    expect(compare('disks: []', had)).toMatchObject({ remove: ['scsi1'], marker: { detached } })
    const another = compare('disks: []', { ...had, config: { scsi1: TWO } })
    expect(another.action).toBe('keep')
  })
})

describe('the detached disks in the marker', () => {
  const detached = 'scsi1=disks:20001/vm-20001-disk-1.qcow2 scsi2=disks:20001/vm-20001-disk-2.qcow2'
  const volume = 'disks:20001/vm-20001-disk-1.qcow2'

  it('is kept while the volume is unused, and removed when it is gone', () => {
    const { marker } = compare('cores: 2', { config: { cores: 1, unused0: volume }, marker: { detached } })
    expect(marker?.detached).toBe(`scsi1=${volume}`)
    const gone = compare('cores: 2', { config: { cores: 1 }, marker: { detached } })
    expect(gone.marker?.detached).toBeUndefined()
  })

  it('is kept for a running machine, which may not have released it', () => {
    const { marker } = compare('cores: 2', { config: { cores: 1 }, marker: { detached }, status: 'running' })
    expect(marker?.detached).toBe(detached)
  })

  it('distinguishes our detached disks from others', () => {
    const config = { unused0: volume, unused1: 'disks:20001/vm-20001-disk-9.qcow2' }
    expect(unusedDisks(guestOf('cores: 1', { config, marker: { detached } }))).toEqual([
      { key: 'unused0', volume, was: 'scsi1' },
      { key: 'unused1', volume: 'disks:20001/vm-20001-disk-9.qcow2' },
    ])
  })
})

describe('a disk is not detached', () => {
  const both = { scsi1: ONE, scsi2: TWO }

  it.each<[string, string, Had, RegExp, RegExp]>([
    [
      'that the machine boots from',
      'disks: []',
      { config: { scsi1: ONE, boot: 'order=scsi1;scsi0' }, marker: { disks: 'scsi1' } },
      /boots from scsi1/,
      /`boot: \[scsi0\]`/,
    ],
    [
      'that the manifest itself names as a boot device',
      'disks: [], boot: [scsi0, scsi1]',
      { config: { scsi1: ONE }, marker: { disks: 'scsi1' } },
      /boots from scsi1/,
      /`boot: \[scsi0\]`/,
    ],
    [
      'from a protected machine',
      'disks: []',
      { config: { scsi1: ONE, protection: 1 }, marker: { disks: 'scsi1' } },
      /is protected/,
      /protection: false/,
    ],
    [
      'when another one comes on another bus in its place',
      'disks: [{ size: 1 GiB, bus: virtio }]',
      { config: { scsi1: ONE, virtio0: undefined }, marker: { disks: 'scsi1' } },
      /the bus of a disk cannot be changed to virtio/,
      /--delete scsi1 && qm set 20001 --virtio0 disks:20001\/vm-20001-disk-1.qcow2/,
    ],
    [
      'when the one that stays would grow into the other',
      'disks: [{ size: 2 GiB }]',
      { config: both, marker: { disks: 'scsi1,scsi2' } },
      /it is not clear which disk to remove/,
      /serial/,
    ],
  ])('%s', (_, words, had, sentence, hint) => {
    const { action, problem } = compare(words, had)
    expect(action).toBe('conflict')
    expect(problem).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(sentence),
      hint: expect.stringMatching(hint),
    })
  })

  it.each<[string, string, Record<string, unknown>]>([
    ['the manifest takes the protection off', 'disks: [], protection: false', { scsi1: ONE, protection: 1 }],
    ['the manifest names another boot device', 'disks: [], boot: [scsi0]', { scsi1: ONE, boot: 'order=scsi1' }],
    [
      'a new one of another size comes on another bus',
      'disks: [{ size: 5 GiB, bus: virtio }]',
      { scsi1: ONE, virtio0: undefined },
    ],
  ])('but is when %s', (_, words, config) => {
    expect(compare(words, { config, marker: { disks: 'scsi1' } })).toMatchObject({
      action: 'update',
      remove: ['scsi1'],
    })
  })
})

describe('disks are identified', () => {
  const config = { scsi1: `${ONE},serial=a`, scsi2: `${TWO},serial=b%20c` }

  it('by their serial number, at any position in the list', () => {
    const [a, b] = ['{ size: 1 GiB, serial: a }', '{ size: 2 GiB, serial: b c }']
    expect(diskKeys(machineOf(`disks: [${a}, ${b}]`), config)).toEqual(['scsi0', 'scsi1', 'scsi2'])
    expect(diskKeys(machineOf(`disks: [${b}, ${a}]`), config)).toEqual(['scsi0', 'scsi2', 'scsi1'])
    expect(diskKeys(machineOf(`disks: [${b}]`), config)).toEqual(['scsi0', 'scsi2'])
    const found = compare(`disks: [${b}]`, { config, marker: { disks: 'scsi1,scsi2' } })
    expect(found).toMatchObject({ remove: ['scsi1'], marker: { disks: 'scsi2' } })
    expect(found.problem).toBeUndefined()
  })

  it('by their order on the bus where they have none', () => {
    expect(diskKeys(machineOf('disks: [{ size: 1 GiB }, { size: 1 GiB, bus: virtio }, { size: 2 GiB }]'))).toEqual([
      'scsi0',
      'scsi1',
      'virtio0',
      'scsi2',
    ])
  })

  it('by their order where the serial number is new', () => {
    expect(diskKeys(machineOf('disks: [{ size: 1 GiB, serial: x }, { size: 2 GiB, serial: b c }]'), config)).toEqual([
      'scsi0',
      'scsi1',
      'scsi2',
    ])
  })

  it('on their own bus only', () => {
    expect(diskKeys(machineOf('disks: [{ size: 1 GiB, serial: a, bus: virtio }]'), config)).toEqual([
      'scsi0',
      'virtio0',
    ])
  })
})

describe('a serial number that changes while the machine runs', () => {
  it('is a pending change in every plan until the restart, and delays no other change', () => {
    const had = { config: { scsi1: `${ONE},serial=a` }, marker: { disks: 'scsi1' }, status: 'running' as const }
    const words = 'disks: [{ size: 1 GiB, serial: b, backup: false }]'
    const guest = { ...guestOf(words, had), pid: 77 }
    const { changes, set } = compareMachine(machineOf(words), guest, { project: 'lab' })
    expect(changes).toMatchObject([
      { key: 'disks[0].backup', when: 'now' },
      { key: 'disks[0].serial', before: 'a', after: 'b', when: 'restart' },
    ])
    const marker = readMarker(set.description) as Marker
    expect(marker.awaits).toBe('pve1/77 disks[0].serial=a')
    const later = { ...guest, marker, config: { ...guest.config, ...set } }
    const waiting = compareMachine(machineOf(words), later, { project: 'lab' })
    expect(waiting).toMatchObject({
      action: 'keep',
      pending: [{ key: 'disks[0].serial', before: 'a', after: 'b', when: 'restart' }],
    })
    const third = 'disks: [{ size: 1 GiB, serial: c, backup: false }]'
    const twice = compareMachine(machineOf(third), later, { project: 'lab' })
    expect(readMarker(twice.set.description)?.awaits).toBe('pve1/77 disks[0].serial=a')
    const back = compareMachine(
      machineOf('disks: [{ size: 1 GiB, serial: a, backup: false }]'),
      { ...later, config: { ...later.config, scsi1: `${ONE},serial=a,backup=0` } },
      { project: 'lab' },
    )
    expect(back.pending).toEqual([])
    const restarted = compareMachine(machineOf(words), { ...later, pid: 78 }, { project: 'lab' })
    expect(restarted.pending).toEqual([])
  })

  it('waits together with the others where Proxmox delays one of them', () => {
    const had = { config: { scsi1: ONE }, marker: { disks: 'scsi1' }, status: 'running' as const }
    const { changes } = compare('disks: [{ size: 1 GiB, serial: b, backup: false, cache: writeback }]', had)
    expect(changes.map(({ when }) => when)).toEqual(['restart', 'restart', 'restart'])
  })
})

describe('limits of a disk of a running machine', () => {
  it('change at once, whatever its hotplug setting', () => {
    const had = {
      config: { sata0: ONE, hotplug: 'network' },
      marker: { disks: 'sata0' },
      status: 'running' as const,
    }
    const { changes } = compare('disks: [{ size: 1 GiB, bus: sata, limits: { readMBps: 10 } }]', had)
    expect(changes).toMatchObject([{ key: 'disks[0].limits.readMBps', when: 'now' }])
  })
})
