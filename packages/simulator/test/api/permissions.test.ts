// Permissions: tokens with their own privileges, pools, hidden objects, and the two versions.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type PveVersion, type Simulator } from '../../src/index.ts'
import { ask, authorization, type Client, clientOf, ended, multipart, upload } from '../support/client.ts'
import { tinyImage } from '../support/images.ts'

interface Cluster {
  readonly simulator: Simulator
  readonly root: Client
  /** A new token of ci@pve, with roles on paths. */
  token(name: string, grants: Readonly<Record<string, string>>): Promise<{ client: Client; id: string; secret: string }>
}

const machineRole = [
  'VM.Allocate',
  'VM.Audit',
  'VM.Clone',
  'VM.PowerMgmt',
  'VM.Config.Disk',
  'VM.Config.CPU',
  'VM.Config.Memory',
  'VM.Config.Network',
  'VM.Config.HWType',
  'VM.Config.Options',
  'VM.Config.Cloudinit',
  'VM.Config.CDROM',
  'Pool.Audit',
]

async function openCluster(version: PveVersion): Promise<Cluster> {
  const simulator = await createSimulator({ version, storages: [{ id: 'local' }, { id: 'fast', content: ['images'] }] })
  const root = clientOf(simulator)
  await root('POST', '/access/users', { userid: 'ci@pve' })
  const agent = version === '8.4' ? 'VM.Monitor' : 'VM.GuestAgent.Audit'
  await root('POST', '/access/roles', { roleid: 'machines', privs: [...machineRole, agent].join(',') })
  await root('POST', '/access/roles', { roleid: 'images', privs: 'Datastore.AllocateTemplate,Datastore.Audit' })
  await root('POST', '/access/roles', { roleid: 'fetch', privs: 'Sys.AccessNetwork' })
  await root('POST', '/pools', { poolid: 'ours' })
  await ended(root, await upload(simulator, { content: 'import', name: 'x.qcow2', bytes: await tinyImage() }))
  return {
    simulator,
    root,
    token: async (name, grants) => {
      const made = await root('POST', `/access/users/ci@pve/token/${name}`, { privsep: 1 })
      const { 'full-tokenid': id, value } = made.data as Record<string, string>
      for (const [path, roles] of Object.entries(grants)) {
        // A token has at most the privileges of its user.
        const answer = await root('PUT', '/access/acl', { path, roles, users: 'ci@pve', tokens: String(id) })
        if (answer.status !== 200) throw new Error(answer.text)
      }
      const credentials = { id: String(id), secret: String(value) }
      return { client: clientOf(simulator, credentials), ...credentials }
    },
  }
}

describe.each(['8.4', '9.2'] as const)('on %s', (version) => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await openCluster(version)
  })
  afterAll(() => cluster.simulator.close())

  test('a token for one pool does the whole job there, and nothing elsewhere', async () => {
    const { client } = await cluster.token('pool', {
      '/pool/ours': 'machines',
      '/storage/local': 'images,PVEDatastoreUser',
      '/sdn/zones/localnetwork/vmbr0': 'PVESDNUser',
    })
    const form = {
      vmid: 100,
      pool: 'ours',
      name: 'a',
      memory: 256,
      net0: 'virtio,bridge=vmbr0',
      ide2: 'local:cloudinit',
      agent: 1,
    }
    const created = await client('POST', '/nodes/pve/qemu', {
      ...form,
      scsi0: 'local:0,import-from=local:import/x.qcow2',
    })
    expect((await ended(client, created)).exitStatus).toBe('OK')
    expect((await ended(client, await client('POST', '/nodes/pve/qemu/100/template'))).exitStatus).toBe('OK')
    expect(
      (await ended(client, await client('POST', '/nodes/pve/qemu/100/clone', { newid: 101, pool: 'ours' }))).exitStatus,
    ).toBe('OK')
    expect(
      (await client('PUT', '/nodes/pve/qemu/101/config', { cores: 2, tags: 'x', ipconfig0: 'ip=dhcp' })).status,
    ).toBe(200)
    expect(
      (await ended(client, await client('PUT', '/nodes/pve/qemu/101/resize', { disk: 'scsi0', size: '+1M' })))
        .exitStatus,
    ).toBe('OK')
    expect((await ended(client, await client('POST', '/nodes/pve/qemu/101/status/start'))).exitStatus).toBe('OK')
    expect((await client('GET', '/nodes/pve/qemu/101/agent/network-get-interfaces')).status).toBe(200)
    expect((await ended(client, await client('POST', '/nodes/pve/qemu/101/status/stop'))).exitStatus).toBe('OK')
    expect((await ended(client, await client('DELETE', '/nodes/pve/qemu/101'))).exitStatus).toBe('OK')

    expect(await client('POST', '/nodes/pve/qemu', { vmid: 102 })).toMatchObject({
      status: 403,
      reason: 'Permission check failed',
    })
    const elsewhere = await client('POST', '/nodes/pve/qemu', { vmid: 102, pool: 'ours', scsi0: 'fast:1' })
    expect(elsewhere).toMatchObject({
      status: 403,
      reason: 'Permission check failed (/storage/fast, Datastore.AllocateSpace)',
    })
    const bridge = await client('POST', '/nodes/pve/qemu', { vmid: 102, pool: 'ours', net0: 'virtio,bridge=vmbr9' })
    expect(bridge).toMatchObject({
      status: 403,
      reason: 'Permission check failed (/sdn/zones/localnetwork/vmbr9, SDN.Use)',
    })
  })

  test('replacing a drive needs the privilege for the old one as well, and so does a network card that leaves a bridge', async () => {
    const old = { ide2: 'local:cloudinit', net0: 'virtio,bridge=vmbr0' }
    await ended(cluster.root, await cluster.root('POST', '/nodes/pve/qemu', { vmid: 160, pool: 'ours', ...old }))
    await cluster.root('POST', '/access/roles', {
      roleid: 'discs',
      privs: 'VM.Config.CDROM,VM.Config.Network,VM.Audit',
    })
    const { client } = await cluster.token('discs', { '/vms/160': 'discs' })
    expect((await client('PUT', '/nodes/pve/qemu/160/config', { ide2: 'none,media=cdrom' })).reason).toBe(
      'Permission check failed (/vms/160, VM.Config.Cloudinit)',
    )
    expect((await client('PUT', '/nodes/pve/qemu/160/config', { delete: 'net0' })).reason).toBe(
      'Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)',
    )
  })

  test('what a token may not see is missing from lists, not refused', async () => {
    await ended(cluster.root, await cluster.root('POST', '/nodes/pve/qemu', { vmid: 150, name: 'hidden' }))
    const { client } = await cluster.token('blind', { '/nodes/pve': 'fetch' })
    expect((await client('GET', '/nodes/pve/qemu')).data).toEqual([])
    expect((await client('GET', '/cluster/resources', { type: 'vm' })).data).toEqual([])
    expect((await client('GET', '/nodes/pve/storage')).data).toEqual([])
    expect((await client('GET', '/nodes')).data).toEqual([expect.not.objectContaining({ maxmem: expect.anything() })])
    expect(await client('GET', '/nodes/pve/qemu/150/config')).toMatchObject({
      status: 403,
      reason: 'Permission check failed (/vms/150, VM.Audit)',
    })
    expect((await client('POST', '/nodes/pve/qemu', { vmid: 150 })).status).toBe(403)
    expect((await client('GET', '/cluster/nextid')).data).toBe('101')
  })

  test('uploading needs one privilege on the storage, downloading a second one, deleting a third', async () => {
    const { client, id, secret } = await cluster.token('images', { '/storage/local': 'images' })
    const { type, body } = multipart({ content: 'iso', name: 'mine.iso', bytes: Buffer.from('x') })
    const sent = await ask(cluster.simulator, {
      method: 'POST',
      path: '/api2/json/nodes/pve/storage/local/upload',
      headers: { ...authorization(id, secret), 'Content-Type': type },
      body,
    })
    expect((await ended(client, sent)).exitStatus).toBe('OK')
    const fetching = { content: 'iso', url: 'http://127.0.0.1:1/x.iso', filename: 'x.iso' }
    expect(await client('POST', '/nodes/pve/storage/local/download-url', fetching)).toMatchObject({
      status: 403,
      reason: 'Permission check failed',
    })
    expect(await client('DELETE', '/nodes/pve/storage/local/content/local:iso/mine.iso')).toMatchObject({
      status: 403,
      reason: 'Permission check failed (/storage/local, Datastore.Allocate)',
    })
    const other = await cluster.token('fetch', { '/storage/local': 'images', '/nodes/pve': 'fetch' })
    expect((await other.client('POST', '/nodes/pve/storage/local/download-url', fetching)).status).toBe(200)
  })

  test('a token sees the tasks of its user, and no others', async () => {
    const { client } = await cluster.token('tasks', { '/vms/300': 'machines' })
    const own = await client('POST', '/nodes/pve/qemu', { vmid: 300 })
    expect((await ended(client, own)).exitStatus).toBe('OK')
    const foreign = await cluster.root('POST', '/nodes/pve/qemu', { vmid: 301 })
    await ended(cluster.root, foreign)
    const path = `/nodes/pve/tasks/${encodeURIComponent(String(foreign.data))}/status`
    expect(await client('GET', path)).toMatchObject({
      status: 403,
      reason: 'Permission check failed (/nodes/pve, Sys.Audit)',
    })
    const seen = (await client('GET', '/nodes/pve/tasks')).data as { user: string; tokenid?: string }[]
    expect(new Set(seen.map(({ user }) => user))).toEqual(new Set(['ci@pve']))
  })

  test('a disabled user and an expired token cannot log in', async () => {
    const { client } = await cluster.token('brief', { '/vms': 'machines' })
    expect((await client('GET', '/version')).status).toBe(200)
    await cluster.root('PUT', '/access/users/ci@pve/token/brief', { expire: 1 })
    expect(await client('GET', '/version')).toMatchObject({ status: 401, reason: 'Authentication failed!' })
    await cluster.root('PUT', '/access/users/ci@pve/token/brief', { expire: 0 })
    await cluster.root('PUT', '/access/users/ci@pve', { enable: 0 })
    expect((await client('GET', '/version')).status).toBe(401)
    await cluster.root('PUT', '/access/users/ci@pve', { enable: 1 })
    expect((await client('GET', '/version')).status).toBe(200)
  })

  test('a token has no more privileges than its user, whatever its own entries say', async () => {
    const made = await cluster.root('POST', '/access/users/ci@pve/token/alone', { privsep: 1 })
    const { 'full-tokenid': id, value } = made.data as Record<string, string>
    await cluster.root('PUT', '/access/acl', { path: '/access', roles: 'Administrator', tokens: String(id) })
    const alone = clientOf(cluster.simulator, { id: String(id), secret: String(value) })
    expect((await alone('GET', '/access/permissions', { path: '/access' })).data).toEqual({ '/access': {} })
  })
})

test('the agent privilege of version 8 does not exist in version 9, and vice versa', async () => {
  for (const [version, privilege] of [
    ['9.2', 'VM.Monitor'],
    ['8.4', 'VM.GuestAgent.Audit'],
  ] as const) {
    const simulator = await createSimulator({ version })
    const answer = await clientOf(simulator)('POST', '/access/roles', { roleid: 'r', privs: privilege })
    expect([answer.status, answer.reason + JSON.stringify(answer.body.errors ?? '')].join(' ')).toContain(
      `invalid privilege '${privilege}'`,
    )
    await simulator.close()
  }
})

test('no built-in role except Administrator may download from the network', async () => {
  const simulator = await createSimulator()
  const roles = (await clientOf(simulator)('GET', '/access/roles')).data as { roleid: string; privs: string }[]
  expect(
    roles.filter(({ privs }) => privs.split(',').includes('Sys.AccessNetwork')).map(({ roleid }) => roleid),
  ).toEqual(['Administrator'])
  await simulator.close()
})
