// Creating machines: the id as the only reservation, immediate errors, errors in the task, and what is left behind.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { ask, type Client, clientOf, ended, upload } from '../support/client.ts'
import { tinyImage } from '../support/images.ts'

let simulator: Simulator
let api: Client
const root = '/nodes/pve/qemu'

beforeAll(async () => {
  simulator = await createSimulator({ version: '8.4', storages: [{ id: 'local' }, { id: 'isos', content: ['iso'] }] })
  api = clientOf(simulator)
  await ended(api, await upload(simulator, { content: 'import', name: 'x.qcow2', bytes: await tinyImage() }))
  await ended(api, await upload(simulator, { content: 'iso', name: 'a.iso', bytes: Buffer.from('iso') }))
})
afterAll(() => simulator.close())

const create = (parameters: Record<string, string | number>) => api('POST', root, parameters)
const importing = (source: string) => `local:0,import-from=${source}`

describe('an id', () => {
  test('that eight calls request at the same time goes to one, and the others fail at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => create({ vmid: 300 })))
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused).toHaveLength(7)
    expect(new Set(refused.map(({ reason }) => reason))).toEqual(
      new Set(["unable to create VM 300 - VM 300 already exists on node 'pve'"]),
    )
  })

  test('from nextid is not reserved: all simultaneous calls get the same one', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => api('GET', '/cluster/nextid')))
    expect(new Set(ids.map(({ data }) => data))).toEqual(new Set(['100']))
    expect((await api('GET', '/cluster/nextid', { vmid: 300 })).body).toMatchObject({
      errors: { vmid: 'VM 300 already exists' },
    })
  })
})

describe('a creation whose worker does not start', () => {
  test('leaves a machine behind that is only a lock, which no token can remove', async () => {
    simulator.faults.add({ action: 'no-worker', method: 'POST', path: root, count: 1 })
    expect(await create({ vmid: 584 })).toMatchObject({
      status: 500,
      reason: 'got no worker upid - start worker failed',
    })
    expect((await api('GET', `${root}/584/config`)).data).toEqual({ lock: 'create', digest: expect.any(String) })
    expect((await create({ vmid: 584 })).reason).toBe("unable to create VM 584 - VM 584 already exists on node 'pve'")
    expect((await ended(api, await api('DELETE', `${root}/584`))).exitStatus).toBe('VM is locked (create)')
    expect((await api('DELETE', `${root}/584`, { skiplock: 1 })).body).toMatchObject({
      errors: { skiplock: 'Only root may use this option.' },
    })
  })

  test('can be removed by root with a ticket', async () => {
    const form = new URLSearchParams({ username: 'root@pam', password: simulator.rootPassword }).toString()
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const login = await ask(simulator, { method: 'POST', path: '/api2/json/access/ticket', headers: type, body: form })
    const { ticket, CSRFPreventionToken } = login.data as Record<string, string>
    const headers = { Cookie: `PVEAuthCookie=${ticket}`, CSRFPreventionToken: CSRFPreventionToken ?? '' }
    const gone = await ask(simulator, { method: 'DELETE', path: `/api2/json${root}/584?skiplock=1`, headers })
    expect((await ended(api, gone)).exitStatus).toBe('OK')
    expect(simulator.world.machines.find(584)).toBeUndefined()
  })
})

describe('refused at once is', () => {
  test.each([
    ['an id too small', { vmid: 99 }, 400, { vmid: 'invalid format - value does not look like a valid VM ID\n' }],
    ['an id that is none', { vmid: 'abc' }, 400, { vmid: "type check ('integer') failed - got 'abc'" }],
    ['no id', {}, 400, { vmid: 'property is missing and it is not optional' }],
    [
      'a size beside an import',
      { scsi0: 'local:5,import-from=local:import/x.qcow2' },
      400,
      { scsi0: "'import-from' requires special syntax - use <storage ID>:0,import-from=<source>" },
    ],
    [
      'an import of an ISO image',
      { scsi0: importing('local:iso/a.iso') },
      400,
      { scsi0: "local:iso/a.iso has wrong type 'iso' - needs to be 'images' or 'import'" },
    ],
    [
      'an import volume as a disk',
      { scsi0: 'local:import/x.qcow2' },
      400,
      { scsi0: "content type needs to be 'images' or 'iso'" },
    ],
    [
      'a name that is none',
      { name: 'a_b' },
      400,
      { name: 'invalid format - value does not look like a valid DNS name\n' },
    ],
    ['a tag that is none', { tags: '-a' }, 400, { tags: 'invalid format - invalid characters in tag\n' }],
    ['a boolean in words', { onboot: 'yes' }, 400, { onboot: "type check ('boolean') failed - got 'yes'" }],
    [
      'keys that are not encoded',
      { sshkeys: 'ssh-ed25519 AAAA' },
      400,
      { sshkeys: 'invalid format - invalid urlencoded string: ssh-ed25519 AAAA\n' },
    ],
    ['a storage without disks', { scsi0: 'isos:1' }, 400, { storage: "storage 'isos' does not support vm images" }],
  ] as const)('%s, as a parameter error', async (_, parameters, status, errors) => {
    const answer = await create({ ...(_ === 'no id' ? {} : { vmid: 110 }), ...parameters } as Record<string, string>)
    expect(answer.status).toBe(status)
    expect(answer.body.errors).toEqual(errors)
    expect(simulator.world.machines.find(110)).toBeUndefined()
  })

  test.each([
    ['a storage that is not there', { scsi0: 'nosuch:1' }, 500, "storage 'nosuch' does not exist"],
    [
      'a source on a storage that is not there',
      { scsi0: importing('nosuch:import/x.qcow2') },
      500,
      "storage 'nosuch' does not exist",
    ],
    [
      'a path, from a token',
      { scsi0: importing('/etc/passwd') },
      500,
      'Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 581.',
    ],
    ['what only root may set', { args: '-foo' }, 500, "only root can set 'args' config"],
    ['a pool that is not there', { pool: 'nopool' }, 403, "Permission check failed (pool 'nopool' does not exist)"],
    ['text that is no key', { sshkeys: 'no%20key' }, 500, 'SSH public key validation error'],
  ])('%s, in one sentence', async (_, parameters, status, reason) => {
    expect(await create({ vmid: 110, ...parameters } as Record<string, string | number>)).toMatchObject({
      status,
      reason,
    })
    expect(simulator.world.machines.find(110)).toBeUndefined()
  })
})

test('a source that is missing is the task’s error, and neither machine nor disk is left', async () => {
  const done = await ended(
    api,
    await create({ vmid: 111, ide2: 'local:cloudinit', scsi0: importing('local:import/nosuch.qcow2') }),
  )
  expect(done.exitStatus).toBe("unable to create VM 111 - failed to stat '/var/lib/vz/import/nosuch.qcow2'")
  expect(simulator.world.machines.find(111)).toBeUndefined()
  expect(existsSync(join(simulator.dataDirectory, 'nodes/pve/var/lib/vz/images/111'))).toBe(false)
})

test('what Proxmox does not check is accepted: an unknown bridge, an empty boot order, a disk of 0 bytes', async () => {
  const done = await ended(
    api,
    await create({ vmid: 112, net0: 'virtio,bridge=nosuch', boot: 'order=scsi9', scsi0: 'local:0' }),
  )
  expect(done.exitStatus).toBe('OK')
  expect((await api('GET', `${root}/112/config`)).data).toMatchObject({
    boot: 'order=scsi9',
    scsi0: 'local:112/vm-112-disk-0.raw,size=0T',
  })
})

test('options are returned as Proxmox stores them', async () => {
  const sent = {
    vmid: 113,
    memory: 256,
    cores: 2,
    onboot: 0,
    tags: 'Prod;web,CI zeta',
    description: 'two\nlines\n\n',
    cipassword: 'S3cret!',
    net0: 'virtio,bridge=vmbr0,firewall=1',
    scsi0: `${importing('local:import/x.qcow2')},ssd=1,discard=on`,
  }
  await ended(api, await create(sent))
  expect((await api('GET', `${root}/113/config`)).data).toEqual({
    memory: '256',
    cores: 2,
    onboot: 0,
    tags: 'Prod;web,CI zeta',
    description: 'two\nlines',
    cipassword: '**********',
    net0: expect.stringMatching(/^virtio=BC:24:11(?::[0-9A-F]{2}){3},bridge=vmbr0,firewall=1$/),
    scsi0: 'local:113/vm-113-disk-0.qcow2,discard=on,size=1M,ssd=1',
    boot: 'order=scsi0;net0',
    smbios1: expect.stringMatching(/^uuid=/),
    vmgenid: expect.any(String),
    meta: expect.stringMatching(/^creation-qemu=[\d.]+,ctime=\d+$/),
    digest: expect.stringMatching(/^[0-9a-f]{40}$/),
  })
  expect((await api('GET', `${root}/113/cloudinit/dump`, { type: 'user' })).data).toContain('password: S3cret!')
})

test('during its creation a machine is only its lock; if the task is stopped, nothing is left of it', async () => {
  const slow = await createSimulator({ latency: { createMs: 60_000 } })
  const client = clientOf(slow)
  const started = await client('POST', root, { vmid: 700, name: 'late', tags: 'a', scsi0: 'local:1' })
  expect((await client('GET', `${root}/700/config`)).data).toEqual({ lock: 'create', digest: expect.any(String) })
  expect((await client('GET', `${root}/700/status/current`)).data).toMatchObject({ lock: 'create', name: 'VM 700' })
  expect((await client('GET', '/nodes/pve/tasks', { source: 'active' })).data).toMatchObject([
    { upid: started.data, status: 'RUNNING' },
  ])
  expect((await client('DELETE', `/nodes/pve/tasks/${encodeURIComponent(String(started.data))}`)).status).toBe(200)
  expect((await ended(client, started)).exitStatus).toBe('unable to create VM 700 - received interrupt')
  expect((await client('GET', `${root}/700/config`)).status).toBe(500)
  await slow.close()
})

test('start=1 is a task of its own, whose failure is not the creation’s', async () => {
  const created = await create({
    vmid: 114,
    start: 1,
    ide2: 'local:cloudinit',
    cicustom: 'user=local:snippets/none.yaml',
  })
  expect(await ended(api, created)).toEqual({
    exitStatus: 'OK',
    log: expect.arrayContaining(['Execute autostart', 'TASK OK']),
  })
  const tasks = (await api('GET', '/nodes/pve/tasks', { vmid: 114, typefilter: 'qmstart' })).data as {
    status: string
  }[]
  expect(tasks.map(({ status }) => status)).toEqual(["volume 'local:snippets/none.yaml' does not exist"])
})

test.each([
  ['efitype=4m', '528K'],
  ['efitype=2m', '128K'],
  ['pre-enrolled-keys=0', '128K'],
])('an EFI disk with %s has %s', async (option, size) => {
  const other = await createSimulator()
  const client = clientOf(other)
  await ended(client, await client('POST', '/nodes/pve/qemu', { vmid: 100, efidisk0: `local:1,${option}` }))
  expect((await client('GET', '/nodes/pve/qemu/100/config')).data).toMatchObject({
    efidisk0: expect.stringContaining(`,size=${size}`),
  })
  await other.close()
})
