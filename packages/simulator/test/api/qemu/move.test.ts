// Disks that are moved to another storage or machine, and machines that are migrated.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'

let simulator: Simulator
let api: Client
const at = (vmid: number, node = 'pve1') => `/nodes/${node}/qemu/${vmid}`
const disk = 'local:0.01,format=qcow2'

const run = async (method: 'POST' | 'PUT' | 'DELETE', path: string, parameters = {}) =>
  ended(api, await api(method, path, parameters))
const make = (vmid: number, parameters = {}) => run('POST', '/nodes/pve1/qemu', { vmid, memory: 64, ...parameters })
const config = async (vmid: number, node?: string) =>
  (await api('GET', `${at(vmid, node)}/config`)).data as Record<string, unknown>
const move = (vmid: number, parameters: Record<string, string | number>) =>
  api('POST', `${at(vmid)}/move_disk`, parameters)

beforeAll(async () => {
  simulator = await createSimulator({
    nodes: ['pve1', 'pve2'],
    storages: [
      { id: 'local' },
      { id: 'fast' },
      { id: 'nas', type: 'nfs' },
      { id: 'lvm', nodes: ['pve1'], type: 'lvmthin' },
    ],
    devices: [{ kind: 'pci', path: '0000:01:00.0', id: '10de:2204', node: 'pve1' }],
  })
  api = clientOf(simulator)
})
afterAll(() => simulator.close())

describe('a disk', () => {
  beforeAll(async () => {
    await make(100, { scsi0: disk, scsi1: 'fast:0.01,discard=on', ide2: 'none,media=cdrom', boot: 'order=scsi0;scsi1' })
    await make(101)
    await make(102)
    await run('POST', `${at(102)}/template`)
    await make(103)
    simulator.world.machines.move(simulator.world.machines.get('pve1', 103), 'pve2')
  })

  test.each([
    [{ disk: 'scsi0' }, 400, 'Parameter verification failed.'],
    [{ disk: 'scsi0', storage: 'fast', 'target-vmid': 101 }, 400, 'Parameter verification failed.'],
    [{ disk: 'scsi9', storage: 'fast' }, 500, "disk 'scsi9' does not exist"],
    [{ disk: 'ide2', storage: 'fast' }, 500, "you can't move a cdrom"],
    [{ disk: 'scsi0', storage: 'local' }, 500, "you can't move to the same storage with same format"],
    [{ disk: 'scsi0', storage: 'nope' }, 500, "storage 'nope' does not exist"],
    [{ disk: 'scsi0', 'target-vmid': 100 }, 400, 'Parameter verification failed.'],
    [{ disk: 'scsi0', 'target-vmid': 999 }, 500, 'could not find target VM 999'],
    [{ disk: 'scsi9', 'target-vmid': 101 }, 500, "Disk 'scsi9' for VM '100' does not exist"],
    [{ disk: 'ide2', 'target-vmid': 101 }, 500, "CD drive contents can't be moved to another VM"],
    [{ disk: 'scsi0', 'target-vmid': 102 }, 500, "Can't move disks from or to template VMs"],
    [{ disk: 'scsi0', 'target-vmid': 103 }, 500, 'Both VMs need to be on the same node (pve1 != pve2)'],
  ])('is not moved by %j', async (parameters, status, reason) => {
    expect(await move(100, parameters)).toMatchObject({ status, reason })
  })

  test('moves to another storage, and its old volume is unused or deleted', async () => {
    const { log } = await ended(api, await move(100, { disk: 'scsi0', storage: 'fast' }))
    expect(log).toEqual([
      "copying volume 'local:100/vm-100-disk-0.qcow2' from current storage 'local' to target storage 'fast'",
      'create full clone of drive scsi0 (local:100/vm-100-disk-0.qcow2)',
      expect.stringMatching(/^Formatting /),
      "allocated target volume 'fast:100/vm-100-disk-1.qcow2'",
      expect.stringMatching(/^transferred /),
      ...log.filter((line) => line.startsWith('transferred')).slice(1),
      "adding source volume 'local:100/vm-100-disk-0.qcow2' as 'unused0' to config",
      'TASK OK',
    ])
    expect(await config(100)).toMatchObject({ unused0: 'local:100/vm-100-disk-0.qcow2' })
    await ended(api, await move(100, { disk: 'scsi0', storage: 'lvm', delete: 1 }))
    expect(await config(100)).toMatchObject({ scsi0: expect.stringMatching(/^lvm:vm-100-disk-0,/) })
    await ended(api, await move(100, { disk: 'scsi0', storage: 'local', format: 'qcow2', delete: 1 }))
  })

  test('with a snapshot stays where its source is to be deleted', async () => {
    await make(104, { scsi0: disk })
    await run('POST', `${at(104)}/snapshot`, { snapname: 'before' })
    expect((await move(104, { disk: 'scsi0', storage: 'fast', delete: 1 })).reason).toBe(
      "you can't move a disk with snapshots and delete the source",
    )
    expect((await move(104, { disk: 'scsi0', 'target-vmid': 101 })).reason).toBe(
      "Can't move disk used by a snapshot to another VM",
    )
  })

  test('moves to another machine with its options, out of one boot order and not into the other', async () => {
    const answer = await move(100, { disk: 'scsi1', 'target-vmid': 101, 'target-disk': 'scsi5' })
    expect(String(answer.data)).toContain(':qmmove:100-scsi1>101-scsi5:')
    expect((await ended(api, answer)).log).toEqual([
      "reassign disk 'scsi1' from VM '100' as 'scsi5' to VM '101'",
      "removing disk 'scsi1' from boot order config",
      "removing disk 'scsi1' from VM '100' config",
      'update VM 101: -scsi5 fast:101/vm-101-disk-0.raw,discard=on,size=10486K',
      'TASK OK',
    ])
    expect(await config(100)).toMatchObject({ boot: 'order=scsi0' })
    expect(await config(101)).toMatchObject({ boot: ' ', scsi5: 'fast:101/vm-101-disk-0.raw,discard=on,size=10486K' })
    expect((await move(100, { disk: 'scsi0', 'target-vmid': 101, 'target-disk': 'scsi5' })).reason).toBe(
      "Target disk key 'scsi5' is already in use for VM '101'",
    )
  })

  test('of a running machine moves to another storage, but not to another machine unless it is unused', async () => {
    await run('POST', `${at(100)}/status/start`)
    expect((await ended(api, await move(100, { disk: 'scsi0', storage: 'fast', delete: 1 }))).log).toContain(
      'drive-scsi0: mirror-job finished',
    )
    expect((await move(100, { disk: 'scsi0', 'target-vmid': 101 })).reason).toBe(
      'Cannot move disk to another VM while the source VM is running - detach first',
    )
    await run('POST', `${at(101)}/status/start`)
    await ended(api, await move(100, { disk: 'unused0', 'target-vmid': 101, 'target-disk': 'scsi6' }))
    expect(await config(101)).toMatchObject({ scsi6: expect.stringMatching(/^local:101\/vm-101-disk-0\.qcow2/) })
    for (const vmid of [100, 101]) await run('POST', `${at(vmid)}/status/stop`)
  })

  test('that is a linked clone keeps its base when it changes hands, and loses it when it changes storage', async () => {
    await make(110, { scsi0: disk })
    await run('POST', `${at(110)}/template`)
    await run('POST', `${at(110)}/clone`, { newid: 111 })
    await ended(api, await move(111, { disk: 'scsi0', 'target-vmid': 101, 'target-disk': 'scsi8' }))
    expect(await config(101)).toMatchObject({
      scsi8: expect.stringMatching(/^local:110\/base-110-disk-0\.qcow2\/101\/vm-101-disk-1\.qcow2/),
    })
    await ended(api, await move(101, { disk: 'scsi8', storage: 'fast', delete: 1 }))
    expect((await run('DELETE', at(110))).exitStatus).toBe('OK')
  })
})

describe('a machine', () => {
  const conditions = async (vmid: number) =>
    (await api('GET', `${at(vmid)}/migrate`)).data as Record<string, unknown> & { local_disks: unknown[] }
  const migrate = (vmid: number, parameters = {}) =>
    api('POST', `${at(vmid)}/migrate`, { target: 'pve2', ...parameters })

  test.each([
    [{ target: 'pve1' }, 400, 'Parameter verification failed.'],
    [{ target: 'pve3' }, 500, "no such cluster node 'pve3'"],
    [{ targetstorage: 'fast,local' }, 400, 'Parameter verification failed.'],
    [{ targetstorage: 'lvm' }, 500, "storage 'lvm' is not available on node 'pve2'"],
    [{ force: 1 }, 400, 'Parameter verification failed.'],
  ])('is not migrated by %j', async (parameters, status, reason) => {
    if (simulator.world.machines.find(200) === undefined) await make(200)
    expect(await migrate(200, parameters)).toMatchObject({ status, reason })
  })

  test('takes its local disks along, to other storages where that is requested', async () => {
    await make(201, { scsi0: disk, scsi1: 'nas:0.01', ide2: 'local:cloudinit' })
    const told = await conditions(201)
    expect(told).toMatchObject({ running: 0, allowed_nodes: ['pve2'], local_resources: [] })
    expect(told.local_disks).toContainEqual({
      volid: 'local:201/vm-201-disk-0.qcow2',
      drivename: 'scsi0',
      size: 10_737_664,
      cdrom: 0,
      is_cloudinit: 0,
      replicate: 1,
      shared: 0,
      is_unused: 0,
      is_attached: 1,
      is_vmstate: 0,
      is_tpmstate: 0,
    })
    const { exitStatus, log } = await ended(api, await migrate(201, { targetstorage: 'local:fast' }))
    expect(exitStatus).toBe('OK')
    const lines = log.map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /, ''))
    expect(lines).toEqual([
      "starting migration of VM 201 to node 'pve2' (10.99.0.2)",
      "found generated disk 'local:201/vm-201-cloudinit.qcow2' (in current VM config)",
      "found local disk 'local:201/vm-201-disk-0.qcow2' (attached)",
      'copying local disk images',
      "volume 'local:201/vm-201-cloudinit.qcow2' is 'fast:201/vm-201-cloudinit.qcow2' on the target",
      "volume 'local:201/vm-201-disk-0.qcow2' is 'fast:201/vm-201-disk-0.qcow2' on the target",
      // How long it takes depends on the computer.
      expect.stringMatching(/^migration finished successfully \(duration 00:0\d:\d\d\)$/),
      'TASK OK',
    ])
    expect(await config(201, 'pve2')).toMatchObject({
      scsi0: expect.stringMatching(/^fast:201\/vm-201-disk-0\.qcow2/),
      scsi1: expect.stringMatching(/^nas:201\//),
    })
    const old = join(simulator.dataDirectory, 'nodes/pve1/var/lib/vz/images/201/vm-201-disk-0.qcow2')
    expect(existsSync(old)).toBe(false)
  })

  test('that runs stays running, with its local disks only where that is requested', async () => {
    await make(202, { scsi0: disk })
    await run('POST', `${at(202)}/status/start`)
    expect((await migrate(202)).reason).toBe("can't migrate running VM without --online")
    const refused = await ended(api, await migrate(202, { online: 1 }))
    expect(refused.exitStatus).toBe('migration aborted')
    expect(refused.log.join('\n')).toContain(
      "can't migrate local disk 'local:202/vm-202-disk-0.qcow2': can't live migrate attached local disks without with-local-disks option",
    )
    expect(await config(202)).not.toHaveProperty('lock')
    expect((await ended(api, await migrate(202, { online: 1, 'with-local-disks': 1 }))).exitStatus).toBe('OK')
    expect((await api('GET', `${at(202, 'pve2')}/status/current`)).data).toMatchObject({ status: 'running' })
  })

  test.each([
    ['a linked clone', 'as it’s a clone'],
    ['an image in its drive', 'local cdrom image'],
    ['a disk of another machine', 'owned by other VM (owner = VM 210)'],
    ['a base that clones read', 'referenced by linked clone(s)'],
    ['a real serial port', "can't migrate VM which uses local devices: serial0"],
  ])('with %s stays', async (what, why) => {
    const vmid = { 'a linked clone': 211, 'a base that clones read': 210 }[what] ?? 212
    if (simulator.world.machines.find(210) === undefined) {
      await make(210, { scsi0: disk })
      await run('POST', `${at(210)}/template`)
      await run('POST', `${at(210)}/clone`, { newid: 211 })
    }
    if (vmid === 212) {
      await make(212)
      const { values } = simulator.world.machines.get('pve1', 212).config
      if (what.includes('image')) values.set('ide2', 'local:iso/x.iso,media=cdrom')
      if (what.includes('another')) values.set('scsi0', 'local:210/base-210-disk-0.qcow2')
      if (what.includes('serial')) values.set('serial0', '/dev/ttyS0')
    }
    const { exitStatus, log } = await ended(api, await migrate(vmid))
    expect(exitStatus).toBe('migration aborted')
    expect(log.join('\n')).toContain(why.replace('’', "'"))
    if (vmid === 212) await run('DELETE', at(212))
  })

  test('with a mapped device migrates only to a node with the device, and starts only with it', async () => {
    const gpu = 'node=pve1,path=0000:01:00.0,id=10de:2204,iommugroup=-1'
    await api('POST', '/cluster/mapping/pci', { id: 'gpu', map: gpu })
    await make(213, { hostpci0: 'mapping=gpu' })
    expect(await conditions(213)).toMatchObject({
      allowed_nodes: [],
      not_allowed_nodes: { pve2: { 'unavailable-resources': ['hostpci0'] } },
      'mapped-resources': ['hostpci0'],
      'mapped-resource-info': { hostpci0: { name: 'gpu' } },
    })
    expect((await run('POST', `${at(213)}/status/start`)).exitStatus).toBe('OK')
    await run('POST', `${at(213)}/status/stop`)
    await api('PUT', '/cluster/mapping/pci/gpu', { map: gpu.replace('2204', '2205') })
    expect((await run('POST', `${at(213)}/status/start`)).exitStatus).toBe(
      "PCI device mapping invalid (hardware probably changed): 'id' does not match for 'gpu' (10de:2204 != 10de:2205)",
    )
    await api('DELETE', '/cluster/mapping/pci/gpu')
    expect((await run('POST', `${at(213)}/status/start`)).exitStatus).toBe("PCI device mapping not found for 'gpu'")
  })
})
