// Storages of each type: names, formats and clones, with real files.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { type Client, clientOf, ended, upload } from '../support/client.ts'
import { bytesOf, tinyImage } from '../support/images.ts'

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator({
    nodes: ['pve1', 'pve2'],
    version: '8.4',
    storages: [
      { id: 'local' },
      { id: 'thin', type: 'lvmthin' },
      { id: 'thick', type: 'lvm' },
      { id: 'tank', type: 'zfspool' },
      { id: 'nas', type: 'nfs' },
      { id: 'ceph', type: 'rbd' },
      { id: 'here', type: 'dir', nodes: ['pve1'] },
    ],
  })
  api = clientOf(simulator)
  await ended(
    api,
    await upload(simulator, {
      node: 'pve1',
      content: 'import',
      name: 'x.qcow2',
      bytes: await tinyImage('what it holds'),
    }),
  )
})
afterAll(() => simulator.close())

const root = '/nodes/pve1/qemu'
const make = async (vmid: number, storage: string, options = '') =>
  ended(api, await api('POST', root, { vmid, scsi0: `${storage}:0,import-from=local:import/x.qcow2${options}` }))
const diskOf = async (vmid: number, node = 'pve1') =>
  ((await api('GET', `/nodes/${node}/qemu/${vmid}/config`)).data as { scsi0: string }).scsi0
const fileOf = (path: string, node = 'pve1') =>
  join(simulator.dataDirectory, node === '' ? 'shared' : `nodes/${node}`, path)

describe.each([
  [
    'local',
    200,
    'local:ID/vm-ID-disk-0.qcow2,size=1M',
    'local:ID/base-ID-disk-0.qcow2/CLONE/vm-CLONE-disk-0.qcow2,size=1M',
  ],
  ['thin', 210, 'thin:vm-ID-disk-0,size=1M', 'thin:vm-CLONE-disk-0,size=1M'],
  ['tank', 220, 'tank:vm-ID-disk-0,size=1M', 'tank:base-ID-disk-0/vm-CLONE-disk-0,size=1M'],
  ['nas', 230, 'nas:ID/vm-ID-disk-0.qcow2,size=1M', 'nas:ID/base-ID-disk-0.qcow2/CLONE/vm-CLONE-disk-0.qcow2,size=1M'],
  ['ceph', 240, 'ceph:vm-ID-disk-0,size=1M', 'ceph:base-ID-disk-0/vm-CLONE-disk-0,size=1M'],
])('on %s', (storage, vmid, disk, linked) => {
  const named = (text: string) => text.replaceAll('CLONE', String(vmid + 1)).replaceAll('ID', String(vmid))

  test('an import, a template and its linked clone have their names', async () => {
    expect((await make(vmid, storage)).exitStatus).toBe('OK')
    expect(await diskOf(vmid)).toBe(named(disk))
    await ended(api, await api('POST', `${root}/${vmid}/template`))
    expect((await ended(api, await api('POST', `${root}/${vmid}/clone`, { newid: vmid + 1 }))).exitStatus).toBe('OK')
    expect(await diskOf(vmid + 1)).toBe(named(linked))
  })

  test('the clone holds what was imported, and grows', async () => {
    expect(
      (await ended(api, await api('PUT', `${root}/${vmid + 1}/resize`, { disk: 'scsi0', size: '+1M' }))).exitStatus,
    ).toBe('OK')
    expect(await diskOf(vmid + 1)).toContain('size=2M')
    const listed = (await api('GET', `/nodes/pve1/storage/${storage}/content`, { content: 'images', vmid: vmid + 1 }))
      .data as { volid: string; size: number }[]
    expect(listed).toMatchObject([{ volid: named(linked).split(',')[0], size: 2 * 1024 * 1024 }])
  })
})

test('a template on thin LVM can go before its clones, which keep what they hold', async () => {
  await make(600, 'thin')
  await ended(api, await api('POST', `${root}/600/template`))
  await ended(api, await api('POST', `${root}/600/clone`, { newid: 601 }))
  expect((await ended(api, await api('DELETE', `${root}/600`))).exitStatus).toBe('OK')
  expect((await bytesOf(fileOf('dev/pve/vm-601-disk-0'))).toString('utf8', 0, 13)).toBe('what it holds')
  expect((await ended(api, await api('DELETE', `${root}/601`))).exitStatus).toBe('OK')
})

test.each([
  ['tank', 'tank:base-610-disk-0'],
  ['nas', 'nas:610/base-610-disk-0.qcow2'],
])('a template on %s stays while a clone needs it', async (storage, base) => {
  await make(610, storage)
  await ended(api, await api('POST', `${root}/610/template`))
  await ended(api, await api('POST', `${root}/610/clone`, { newid: 611 }))
  expect((await ended(api, await api('DELETE', `${root}/610`))).exitStatus).toBe(
    `base volume '${base}' is still in use by linked cloned`,
  )
  await ended(api, await api('DELETE', `${root}/611`))
  expect((await ended(api, await api('DELETE', `${root}/610`))).exitStatus).toBe('OK')
})

test('thick LVM links nothing, and copies whole', async () => {
  await make(620, 'thick')
  await ended(api, await api('POST', `${root}/620/template`))
  expect((await api('POST', `${root}/620/clone`, { newid: 621 })).reason).toBe(
    "Linked clone feature is not supported for 'thick:base-620-disk-0' (scsi0)",
  )
  expect((await ended(api, await api('POST', `${root}/620/clone`, { newid: 621, full: 1 }))).exitStatus).toBe('OK')
  expect(await diskOf(621)).toBe('thick:vm-621-disk-0,size=1M')
})

test('an unsupported format is replaced by a supported one, in imports and clones', async () => {
  await make(630, 'thin', ',format=qcow2')
  expect(await diskOf(630)).toBe('thin:vm-630-disk-0,size=1M')
  await ended(api, await api('POST', `${root}/630/clone`, { newid: 631, full: 1, storage: 'local', format: 'qcow2' }))
  expect(await diskOf(631)).toBe('local:631/vm-631-disk-0.qcow2,size=1M')
})

describe('a shared storage', () => {
  test('is the same on every node, and lets a machine be cloned and moved to another', async () => {
    await make(640, 'nas')
    expect(existsSync(fileOf('mnt/pve/nas/images/640/vm-640-disk-0.qcow2', ''))).toBe(true)
    expect((await ended(api, await api('POST', `${root}/640/clone`, { newid: 641, target: 'pve2' }))).exitStatus).toBe(
      'OK',
    )
    expect(await diskOf(641, 'pve2')).toBe('nas:641/vm-641-disk-0.qcow2,size=1M')
    expect((await ended(api, await api('POST', '/nodes/pve2/qemu/641/migrate', { target: 'pve1' }))).exitStatus).toBe(
      'OK',
    )
    expect((await api('GET', `${root}/641/config`)).status).toBe(200)
  })

  test('that is not shared is another one on every node', async () => {
    await make(650, 'local')
    const answer = await api('POST', `${root}/650/clone`, { newid: 651, target: 'pve2' })
    expect(answer.reason).toBe("can't clone VM to node 'pve2' (VM uses local storage)")
    expect((await api('GET', '/nodes/pve2/storage/local/content', { content: 'import' })).data).toEqual([])
  })

  test('that is restricted to other nodes is not available', async () => {
    expect((await api('GET', '/nodes/pve2/storage')).data).toContainEqual(
      expect.objectContaining({ storage: 'here', enabled: 0, active: 0 }),
    )
    expect((await api('GET', '/nodes/pve2/storage/here/content')).reason).toBe(
      "storage 'here' is not available on node 'pve2'",
    )
  })
})

describe('snapshots', () => {
  test('of qcow2 are created, keep the old content, and prevent a template', async () => {
    await make(660, 'local')
    expect((await ended(api, await api('POST', `${root}/660/snapshot`, { snapname: 's1' }))).exitStatus).toBe('OK')
    expect((await ended(api, await api('POST', `${root}/660/snapshot`, { snapname: 's1' }))).exitStatus).toBe(
      "snapshot name 's1' already used",
    )
    expect((await api('POST', `${root}/660/template`)).reason).toBe(
      'unable to create template, because VM contains snapshots',
    )
    await api('PUT', `${root}/660/config`, { memory: 1024 })
    expect((await ended(api, await api('POST', `${root}/660/snapshot/s1/rollback`))).exitStatus).toBe('OK')
    expect((await api('GET', `${root}/660/config`)).data).not.toHaveProperty('memory')
    expect((await ended(api, await api('DELETE', `${root}/660/snapshot/s1`))).exitStatus).toBe('OK')
  })

  test('of raw files are refused', async () => {
    await make(661, 'local', ',format=raw')
    expect((await ended(api, await api('POST', `${root}/661/snapshot`, { snapname: 's1' }))).exitStatus).toBe(
      'snapshot feature is not available',
    )
  })
})
