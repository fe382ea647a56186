// Changes of machines: immediate or pending, detached or removed, and what is refused.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { type Client, clientOf, ended } from '../support/client.ts'

let simulator: Simulator
let api: Client
const path = '/nodes/pve/qemu/100'

beforeAll(async () => {
  simulator = await createSimulator({ version: '8.4' })
  api = clientOf(simulator)
  const options = { vmid: 100, name: 'one', memory: 256, scsi0: 'local:0.01,format=qcow2', net0: 'virtio,bridge=vmbr0' }
  await ended(api, await api('POST', '/nodes/pve/qemu', options))
})
afterAll(() => simulator.close())

const config = async (parameters = {}) =>
  (await api('GET', `${path}/config`, parameters)).data as Record<string, unknown>
const put = (parameters: Record<string, string | number>) => api('PUT', `${path}/config`, parameters)
const stored = (name: string) => existsSync(join(simulator.dataDirectory, 'nodes/pve/var/lib/vz/images/100', name))

describe('a stopped machine', () => {
  test('is changed at once: by PUT in the call, by POST in a task with a log', async () => {
    expect(await put({ memory: 512, tags: 'B,a,b', description: 'x\n\n' })).toMatchObject({ status: 200, data: null })
    expect(await config()).toMatchObject({ memory: '512', tags: 'a;b', description: 'x' })
    const done = await ended(api, await api('POST', `${path}/config`, { memory: 320, cipassword: 'secret' }))
    expect(done).toEqual({
      exitStatus: 'OK',
      log: [expect.stringMatching(/^update VM 100: (?=.*-memory 320)(?!.*secret)/), 'TASK OK'],
    })
  })

  test('gets a new CD appended to its boot order', async () => {
    await put({ boot: 'order=scsi0;net0' })
    await put({ ide2: 'none,media=cdrom' })
    expect(await config()).toMatchObject({ boot: 'order=scsi0;net0;ide2' })
    await put({ ide2: 'none,media=cdrom' })
    expect(await config()).toMatchObject({ boot: 'order=scsi0;net0;ide2' })
    await put({ delete: 'ide2' })
    expect(await config()).toMatchObject({ boot: 'order=scsi0;net0' })
  })

  test('gets a new MAC address when a network is changed without one, and keeps one that is sent', async () => {
    const before = String((await config()).net0)
    await put({ net0: 'virtio,bridge=vmbr0,tag=5' })
    const after = String((await config()).net0)
    expect(after).toMatch(/^virtio=BC:24:11(?::[0-9A-F]{2}){3},bridge=vmbr0,tag=5$/)
    expect(after).not.toContain(before)
    await put({ net0: before })
    expect((await config()).net0).toBe(before)
  })

  test('is not changed with an outdated digest', async () => {
    const { digest } = await config()
    await put({ name: 'two' })
    expect((await put({ name: 'three', digest: String(digest) })).reason).toBe(
      'checksum mismatch (file change by other user?)',
    )
    expect((await config()).name).toBe('two')
  })

  test.each([
    [{}, 500, 'no options specified'],
    [{ lock: 'backup' }, 500, "only root can set 'lock' config"],
    [{ delete: 'nosuch' }, 400, 'Parameter verification failed.'],
  ])('is not changed by %j', async (parameters, status, reason) => {
    expect(await put(parameters)).toMatchObject({ status, reason })
  })

  test('requires a balloon not above the memory, whichever of the two is changed', async () => {
    const refusal = { status: 500, reason: 'balloon value too large (must be smaller than assigned memory)' }
    await put({ memory: 512, balloon: 400 })
    expect(await put({ memory: 256 })).toMatchObject(refusal)
    expect(await put({ balloon: 600 })).toMatchObject(refusal)
    expect(await config()).toMatchObject({ memory: '512', balloon: 400 })
    expect((await put({ memory: 256, balloon: 256 })).status).toBe(200)
    await put({ memory: 320, delete: 'balloon' })
  })

  test('accepts the deletion of an option that is not set', async () => {
    expect((await put({ delete: 'balloon' })).status).toBe(200)
  })
})

describe('a disk', () => {
  test('that is detached is unused, then gone', async () => {
    await put({ scsi1: 'local:0.01,format=qcow2' })
    expect(stored('vm-100-disk-1.qcow2')).toBe(true)
    await put({ delete: 'scsi1' })
    expect(await config()).toMatchObject({ unused0: 'local:100/vm-100-disk-1.qcow2' })
    await put({ delete: 'unused0' })
    expect(await config()).not.toHaveProperty('unused0')
    expect(stored('vm-100-disk-1.qcow2')).toBe(false)
  })

  test('that is unlinked with force is gone at once', async () => {
    await put({ scsi1: 'local:0.01,format=qcow2' })
    await api('PUT', `${path}/unlink`, { idlist: 'scsi1', force: 1 })
    expect(await config()).not.toHaveProperty('unused0')
    expect(stored('vm-100-disk-1.qcow2')).toBe(false)
  })

  test('grows by a task, and never shrinks', async () => {
    const resize = async (size: string, disk = 'scsi0') =>
      (await ended(api, await api('PUT', `${path}/resize`, { disk, size }))).exitStatus
    expect(await resize('64M')).toBe('OK')
    expect(await resize('+0')).toBe('OK')
    expect(await resize('1M')).toBe('shrinking disks is not supported')
    expect(await resize('1G', 'scsi9')).toBe("disk 'scsi9' does not exist")
    expect(await config()).toMatchObject({ scsi0: 'local:100/vm-100-disk-0.qcow2,size=64M' })
    expect((await api('PUT', `${path}/resize`, { disk: 'scsi0', size: '2g' })).body.errors).toEqual({
      size: 'value does not match the regex pattern',
    })
  })
})

describe('a running machine', () => {
  beforeAll(async () => {
    await ended(api, await api('POST', `${path}/status/start`))
  })

  test('keeps memory and cores pending until it starts again, but takes over a name at once', async () => {
    await put({ memory: 1024, name: 'renamed' })
    expect(await config()).toMatchObject({ memory: '1024', name: 'renamed' })
    expect(await config({ current: 1 })).toMatchObject({ memory: '320' })
    const pending = (await api('GET', `${path}/pending`)).data as Record<string, unknown>[]
    expect(pending).toContainEqual({ key: 'memory', value: '320', pending: '1024' })
    await put({ revert: 'memory' })
    expect(await config()).toMatchObject({ memory: '320' })
  })

  test('keeps drive options pending too, with the old size when the disk grows', async () => {
    const { scsi0 } = await config()
    await put({ scsi0: `${String(scsi0)},ssd=1` })
    await ended(api, await api('PUT', `${path}/resize`, { disk: 'scsi0', size: '96M' }))
    const [before, shown] = [`${String(scsi0)},ssd=1`, (await config()).scsi0]
    expect(shown).toBe(before)
    expect((await config({ current: 1 })).scsi0).toMatch(/size=96M$/)
    await put({ scsi0: before })
    expect((await config()).scsi0).toBe(before)
    await put({ scsi0: before.replace(/size=\d+\w/, 'size=96M') })
    expect((await config()).scsi0).toMatch(/size=96M,ssd=1$/)
    await put({ revert: 'scsi0' })
  })

  test('takes over the backup option of a drive at once', async () => {
    const { scsi0 } = await config()
    await put({ scsi0: `${String(scsi0)},backup=0` })
    expect((await config({ current: 1 })).scsi0).toContain('backup=0')
  })

  test('is neither destroyed nor made a template nor started again', async () => {
    expect((await api('DELETE', path)).reason).toBe('VM 100 is running - destroy failed')
    expect((await api('POST', `${path}/template`)).reason).toBe("you can't convert a VM to template if VM is running")
    expect((await ended(api, await api('POST', `${path}/status/start`))).exitStatus).toBe('VM 100 already running')
  })

  test('that has stopped has its pending values applied', async () => {
    await put({ memory: 2048 })
    await ended(api, await api('POST', `${path}/status/stop`))
    expect(await config({ current: 1 })).toMatchObject({ memory: '2048' })
    expect((await ended(api, await api('POST', `${path}/status/stop`))).exitStatus).toBe('OK')
    expect((await api('POST', `${path}/status/reboot`)).reason).toBe('VM 100 not running')
  })
})

test('a template cannot become a template again, and is never started', async () => {
  expect((await ended(api, await api('POST', `${path}/template`))).exitStatus).toBe('OK')
  expect((await api('POST', `${path}/template`)).reason).toBe("you can't convert a template to a template")
  expect((await ended(api, await api('POST', `${path}/status/start`))).exitStatus).toBe(
    "you can't start a vm if it's a template",
  )
  expect((await ended(api, await api('PUT', `${path}/resize`, { disk: 'scsi0', size: '+1M' }))).exitStatus).toMatch(
    /^command '\/usr\/bin\/qemu-img resize .* failed: exit code 1$/,
  )
})

describe('a clone', () => {
  const clone = (parameters: Record<string, string | number>) => api('POST', `${path}/clone`, parameters)

  test.each([
    [{ newid: 100 }, 'unable to create VM 100: config file already exists'],
    [{ newid: 101, storage: 'local' }, "parameter 'storage' not allowed for linked clones"],
    [{ newid: 101, format: 'raw' }, "parameter 'format' not allowed for linked clones"],
  ])('is refused for %j', async (parameters, reason) => {
    expect(await clone(parameters)).toMatchObject({ status: 500, reason })
  })

  test('has a name, an address and an identity of its own, and the tags of its source', async () => {
    expect((await ended(api, await clone({ newid: 101 }))).exitStatus).toBe('OK')
    const [source, made] = [
      await config(),
      (await api('GET', '/nodes/pve/qemu/101/config')).data as Record<string, unknown>,
    ]
    expect(made).toMatchObject({ name: 'Copy-of-VM-renamed', tags: source.tags, memory: source.memory })
    for (const key of ['net0', 'smbios1', 'vmgenid']) expect(made[key]).not.toBe(source[key])
  })

  test('of a machine that is not a template cannot be linked', async () => {
    expect((await api('POST', '/nodes/pve/qemu/101/clone', { newid: 102, full: 0 })).reason).toBe(
      "Linked clone feature is not supported for 'local:100/base-100-disk-0.qcow2/101/vm-101-disk-0.qcow2' (scsi0)",
    )
    expect((await api('POST', '/nodes/pve/qemu/999/clone', { newid: 102 })).reason).toBe(
      "unable to find configuration file for VM 999 on node 'pve'",
    )
  })
})

test('eight deletions of one machine delete it once', async () => {
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 110 }))
  const answers = await Promise.all(Array.from({ length: 8 }, () => api('DELETE', '/nodes/pve/qemu/110')))
  const ends = await Promise.all(
    answers.map(async (answer) => (answer.status === 200 ? (await ended(api, answer)).exitStatus : answer.reason)),
  )
  expect(ends.filter((end) => end === 'OK')).toHaveLength(1)
  expect(new Set(ends.filter((end) => end !== 'OK'))).toEqual(
    new Set(["Configuration file 'nodes/pve/qemu-server/110.conf' does not exist"]),
  )
})

test('a protected machine is not deleted', async () => {
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 111, protection: 1 }))
  expect((await api('DELETE', '/nodes/pve/qemu/111')).reason).toBe("can't remove VM 111 - protection mode enabled")
})

test('a new disk of a template is a base, and an OpenNebula drive ignores snippets', async () => {
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 120, ide2: 'local:cloudinit', citype: 'opennebula' }))
  const root = '/nodes/pve/qemu/120'
  await api('PUT', `${root}/config`, { cicustom: 'user=local:snippets/none.yml' })
  expect((await api('PUT', `${root}/cloudinit`)).reason).toBe('OK')
  await api('PUT', `${root}/config`, { citype: 'nocloud' })
  expect((await api('PUT', `${root}/cloudinit`)).reason).toBe("volume 'local:snippets/none.yml' does not exist")
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 121, template: 1, scsi0: 'local:0.01' }))
  expect((await api('GET', '/nodes/pve/qemu/121/config')).data).toMatchObject({
    scsi0: expect.stringMatching(/^local:121\/base-121-disk-0\.raw,/),
  })
  await ended(api, await api('POST', `${root}/template`))
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 122, scsi0: 'local:0.01,format=qcow2' }))
  await api('PUT', `${root}/config`, { scsi0: 'local:0.01,format=qcow2' })
  await api('PUT', `${root}/config`, { scsi1: 'local:0,import-from=local:122/vm-122-disk-0.qcow2,format=qcow2' })
  expect((await api('GET', `${root}/config`)).data).toMatchObject({
    scsi0: expect.stringMatching(/^local:120\/base-120-disk-0\.qcow2,/),
    scsi1: expect.stringMatching(/^local:120\/vm-120-disk-1\.qcow2,/),
  })
})
