// The main job over the network: image upload, template, linked clone, disk resize, start, and removal of everything.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../src/index.ts'
import { type Client, clientOf, ended, upload } from './support/client.ts'

let simulator: Simulator
let api: Client
let folder: string
let image: Buffer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulator-test-'))
  const raw = join(folder, 'source.raw')
  await writeFile(raw, randomBytes(3 * 1024 * 1024))
  await execa('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', raw, join(folder, 'source.qcow2')])
  image = await readFile(join(folder, 'source.qcow2'))
  simulator = await createSimulator({ nodes: ['pve1', 'pve2'], version: '8.4' })
  api = clientOf(simulator)
})

afterAll(async () => {
  await simulator.close()
  await rm(folder, { recursive: true })
})

test('an uploaded image becomes a template, its clone a machine with the same bytes', async () => {
  const checksum = createHash('sha256').update(image).digest('hex')
  const uploaded = await upload(simulator, {
    node: 'pve1',
    content: 'import',
    name: 'a.qcow2',
    bytes: image,
    algorithm: 'sha256',
    checksum,
  })
  expect(await ended(api, uploaded)).toMatchObject({ exitStatus: 'OK' })
  const listed = await api('GET', '/nodes/pve1/storage/local/content', { content: 'import' })
  expect(listed.data).toMatchObject([
    { volid: 'local:import/a.qcow2', size: image.length, format: 'qcow2', content: 'import' },
  ])

  const created = await api('POST', '/nodes/pve1/qemu', {
    vmid: 100,
    name: 'base',
    memory: 256,
    scsihw: 'virtio-scsi-single',
    scsi0: 'local:0,import-from=local:import/a.qcow2',
    ide2: 'local:cloudinit',
    net0: 'virtio,bridge=vmbr0',
    agent: 1,
  })
  const creation = await ended(api, created)
  expect(creation.exitStatus).toBe('OK')
  expect(creation.log).toContain("scsi0: successfully created disk 'local:100/vm-100-disk-0.qcow2,size=3M'")
  expect((await ended(api, await api('POST', '/nodes/pve1/qemu/100/template'))).exitStatus).toBe('OK')

  const cloned = await api('POST', '/nodes/pve1/qemu/100/clone', { newid: 101, name: 'web' })
  expect((await ended(api, cloned)).exitStatus).toBe('OK')
  expect((await api('GET', '/nodes/pve1/qemu/101/config')).data).toMatchObject({
    name: 'web',
    scsi0: 'local:100/base-100-disk-0.qcow2/101/vm-101-disk-0.qcow2,size=3M',
    memory: '256',
    boot: 'order=scsi0;ide2;net0',
  })

  const disk = join(simulator.dataDirectory, 'nodes/pve1/var/lib/vz/images/101/vm-101-disk-0.qcow2')
  await execa('qemu-img', ['convert', '-O', 'raw', disk, join(folder, 'back.raw')])
  expect(await readFile(join(folder, 'back.raw'))).toEqual(await readFile(join(folder, 'source.raw')))

  expect(
    (await ended(api, await api('PUT', '/nodes/pve1/qemu/101/resize', { disk: 'scsi0', size: '8M' }))).exitStatus,
  ).toBe('OK')
  expect((await ended(api, await api('POST', '/nodes/pve1/qemu/101/status/start'))).exitStatus).toBe('OK')
  expect((await api('GET', '/nodes/pve1/qemu/101/status/current')).data).toMatchObject({
    status: 'running',
    maxdisk: 8 * 1024 * 1024,
  })
  expect((await api('POST', '/nodes/pve1/qemu/101/agent/ping')).data).toEqual({ result: {} })

  expect((await ended(api, await api('DELETE', '/nodes/pve1/qemu/100'))).exitStatus).toBe(
    "base volume 'local:100/base-100-disk-0.qcow2' is still in use by linked cloned",
  )
  expect((await api('DELETE', '/nodes/pve1/qemu/101')).reason).toBe('VM 101 is running - destroy failed')
  expect((await ended(api, await api('POST', '/nodes/pve1/qemu/101/status/stop'))).exitStatus).toBe('OK')
  expect((await ended(api, await api('DELETE', '/nodes/pve1/qemu/101'))).exitStatus).toBe('OK')
  expect((await ended(api, await api('DELETE', '/nodes/pve1/qemu/100'))).exitStatus).toBe('OK')
  expect((await api('GET', '/cluster/resources', { type: 'vm' })).data).toEqual([])
})

test('a full clone on thin LVM is a raw volume of its own', async () => {
  await ended(
    api,
    await api('POST', '/nodes/pve1/qemu', { vmid: 200, scsi0: 'local-lvm:0,import-from=local:import/a.qcow2' }),
  )
  expect((await api('GET', '/nodes/pve1/qemu/200/config')).data).toMatchObject({
    scsi0: 'local-lvm:vm-200-disk-0,size=3M',
  })
  await ended(api, await api('POST', '/nodes/pve1/qemu/200/template'))
  expect((await ended(api, await api('POST', '/nodes/pve1/qemu/200/clone', { newid: 201 }))).exitStatus).toBe('OK')
  expect((await api('GET', '/nodes/pve1/qemu/201/config')).data).toMatchObject({
    scsi0: 'local-lvm:vm-201-disk-0,size=3M',
  })
  const device = join(simulator.dataDirectory, 'nodes/pve1/dev/pve/vm-201-disk-0')
  await execa('qemu-img', ['convert', '-O', 'raw', device, join(folder, 'lvm.raw')])
  expect(await readFile(join(folder, 'lvm.raw'))).toEqual(await readFile(join(folder, 'source.raw')))
})

test('the state is there again after a restart', async () => {
  const dataDirectory = join(folder, 'kept')
  const before = await createSimulator({ dataDirectory, latency: 'instant' })
  await ended(
    clientOf(before),
    await clientOf(before)('POST', '/nodes/pve/qemu', {
      vmid: 300,
      name: 'stays',
      tags: 'a;b',
      description: 'two\nlines: 100%',
    }),
  )
  const config = (await clientOf(before)('GET', '/nodes/pve/qemu/300/config')).data
  await before.close()
  const after = await createSimulator({ dataDirectory })
  expect(after.fingerprint).toBe(before.fingerprint)
  expect(after.tokenSecret).toBe(before.tokenSecret)
  expect((await clientOf(after)('GET', '/nodes/pve/qemu/300/config')).data).toEqual(config)
  const tasks = (await clientOf(after)('GET', '/nodes/pve/tasks')).data as { upid: string }[]
  expect(tasks).toMatchObject([{ type: 'qmcreate', id: '300', status: 'OK' }])
  const log = await clientOf(after)('GET', `/nodes/pve/tasks/${encodeURIComponent(tasks[0]?.upid ?? '')}/log`)
  expect(log.data).toEqual([{ n: 1, t: 'TASK OK' }])
  await after.close()
})
