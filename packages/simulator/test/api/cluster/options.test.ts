// The cluster's settings, their effect on tags, free ids and MAC addresses, and the capabilities of a node's QEMU.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'

let simulator: Simulator
let api: Client
let token: Client

beforeAll(async () => {
  simulator = await createSimulator({ machines: [{ vmid: 100, options: { tags: 'used' } }, { vmid: 101 }] })
  api = clientOf(simulator)
  await api('POST', '/access/users', { userid: 'ci@pve' })
  const { data } = await api('POST', '/access/users/ci@pve/token/plain', { privsep: 0 })
  await api('PUT', '/access/acl', { path: '/vms/100', users: 'ci@pve', roles: 'PVEVMAdmin' })
  token = clientOf(simulator, { id: 'ci@pve!plain', secret: String((data as Record<string, unknown>).value) })
})
afterAll(() => simulator.close())

const set = (parameters: Record<string, string>) => api('PUT', '/cluster/options', parameters)
const shown = async (client = api) => (await client('GET', '/cluster/options')).data

describe('settings', () => {
  test('are returned parsed, and are gone when they are deleted', async () => {
    expect(await shown()).toEqual({
      keyboard: 'en-us',
      mac_prefix: 'BC:24:11',
      description: '',
      'allowed-tags': ['used'],
    })
    await set({
      'next-id': 'lower=100,upper=1000000',
      'tag-style': 'ordering=alphabetical,case-sensitive=0',
      migration: 'secure',
      description: 'team\nx',
    })
    expect(await shown()).toMatchObject({
      'next-id': { lower: '100', upper: '1000000' },
      'tag-style': { ordering: 'alphabetical', 'case-sensitive': 0 },
      migration: { type: 'secure' },
      description: 'team\nx\n',
    })
    expect(await shown(token)).toEqual({
      'tag-style': { ordering: 'alphabetical', 'case-sensitive': 0 },
      'allowed-tags': ['used'],
    })
    await set({ delete: 'migration' })
    await set({ migration_unsecure: '1' })
    expect(await shown()).toMatchObject({ migration: { type: 'insecure' } })
    expect(await shown()).not.toHaveProperty('migration_unsecure')
    await set({ delete: 'next-id,tag-style,migration,description,nosuch' })
    expect(await shown()).not.toHaveProperty('migration')
  })

  test('are checked', async () => {
    expect(await set({ 'next-id': 'lower=200,upper=100' })).toMatchObject({
      status: 500,
      reason: 'lower (200) <= upper (100) boundary rule broken',
    })
    expect((await set({ 'user-tag-access': 'user-allow=nix' })).body.errors).toEqual({
      'user-tag-access':
        "invalid format - format error\nuser-tag-access.user-allow: value 'nix' does not have a value in the enumeration 'none, list, existing, free'\n",
    })
    expect((await set({ mac_prefix: '03' })).status).toBe(400)
  })

  test('set the prefix of MAC addresses', async () => {
    await set({ mac_prefix: '02:aa:aa' })
    await api('PUT', '/nodes/pve/qemu/101/config', { net0: 'virtio,bridge=vmbr0' })
    expect((await api('GET', '/nodes/pve/qemu/101/config')).data).toMatchObject({
      net0: expect.stringMatching(/^virtio=02:AA:AA(?::[0-9A-F]{2}){3},bridge=vmbr0$/),
    })
    await set({ delete: 'mac_prefix' })
  })

  test('survive a restart', async () => {
    const again = await createSimulator({ dataDirectory: simulator.dataDirectory })
    again.world.datacenter.options.set('console', 'html5')
    again.world.datacenter.save()
    await again.close()
    const third = await createSimulator({ dataDirectory: simulator.dataDirectory })
    expect(third.world.datacenter.options.get('console')).toBe('html5')
    await third.close()
  })
})

describe('a free id', () => {
  test('is the first of the range, and a full range has none', async () => {
    expect((await api('GET', '/cluster/nextid')).data).toBe('102')
    await set({ 'next-id': 'lower=100,upper=102' })
    expect((await api('GET', '/cluster/nextid')).reason).toBe('unable to get any free VMID in range [100, 102]')
    await set({ delete: 'next-id' })
  })

  test('is checked also for users who see no machine', async () => {
    expect((await token('GET', '/cluster/nextid', { vmid: 101 })).body.errors).toEqual({
      vmid: 'VM 101 already exists',
    })
    expect((await token('GET', '/cluster/nextid', { vmid: 102 })).data).toBe('102')
  })
})

describe('tags', () => {
  const tag = async (tags: string) => {
    const { status, reason } = await token('PUT', '/nodes/pve/qemu/100/config', { tags })
    return status === 200 ? 'OK' : reason
  }
  const refused = (name: string) => `Permission check failed (/, Sys.Modify for modifying tag '${name}')`

  test.each([
    ['', ['new'], ['OK']],
    ['user-allow=none', ['used', 'used;new', ''], ['OK', refused('new'), refused('used')]],
    ['user-allow=list,user-allow-list=one', ['used;one', 'used;two'], ['OK', refused('two')]],
    ['user-allow=existing', ['used', 'used;new'], ['OK', refused('new')]],
  ])('can be set by the token as far as "%s" allows', async (access, wanted, answers) => {
    await set(access === '' ? { delete: 'user-tag-access' } : { 'user-tag-access': access })
    for (const [index, tags] of wanted.entries()) {
      await api('PUT', '/nodes/pve/qemu/100/config', { tags: 'used' })
      expect(await tag(tags)).toBe(answers[index])
    }
    await set({ delete: 'user-tag-access' })
  })

  test('that are registered can be set by administrators only', async () => {
    await set({ 'registered-tags': 'ours' })
    await api('PUT', '/nodes/pve/qemu/100/config', { tags: 'used' })
    expect(await tag('used;ours')).toBe(refused('ours'))
    expect((await shown()) as object).toMatchObject({ 'registered-tags': ['ours'], 'allowed-tags': ['ours', 'used'] })
    await set({ delete: 'registered-tags' })
  })

  test.each([
    ['', 'alpha;zeta'],
    ['ordering=config', 'zeta;alpha'],
    ['case-sensitive=1,ordering=config', 'Zeta;alpha;Alpha'],
  ])('are stored as "%s" specifies', async (style, stored) => {
    await set(style === '' ? { delete: 'tag-style' } : { 'tag-style': style })
    await ended(api, await api('POST', '/nodes/pve/qemu/101/config', { tags: 'Zeta;alpha;Alpha;alpha' }))
    expect((await api('GET', '/nodes/pve/qemu/101/config')).data).toMatchObject({ tags: stored })
    await set({ delete: 'tag-style' })
  })
})

describe('a node’s QEMU', () => {
  const capability = async (client: Client, name: string) =>
    (await client('GET', `/nodes/pve/capabilities/qemu/${name}`)).data as Record<string, unknown>[]

  test('lists machine types, with the revisions of Proxmox', async () => {
    const types = await capability(api, 'machines')
    expect(types.slice(0, 3)).toEqual([
      {
        id: 'pc-i440fx-11.0+pve2',
        type: 'i440fx',
        version: '11.0+pve2',
        changes: 'Enable hv_emcs for Windows 11/2022/2025 to mitigate issues with VBS.',
      },
      expect.objectContaining({ id: 'pc-q35-11.0+pve2' }),
      expect.objectContaining({ id: 'pc-i440fx-11.0+pve1' }),
    ])
    expect(types.at(-1)).toEqual({ id: 'pc-q35-5.1', type: 'q35', version: '5.1' })
  })

  test('lists processors of this architecture, and which are custom', async () => {
    const models = await capability(api, 'cpu')
    expect(models).toContainEqual({ name: 'x86-64-v3', custom: 0, abstract: 1, vendor: 'default' })
    expect(models.filter(({ vendor }) => vendor === 'ARM')).toEqual([])
    expect(await capability(api, 'cpu-flags')).toContainEqual(expect.objectContaining({ name: 'aes' }))
  })

  test('of 8.4 lists fewer types, by name', async () => {
    const old = await createSimulator({ version: '8.4' })
    const client = clientOf(old)
    expect((await capability(client, 'machines'))[0]).toEqual({
      id: 'pc-q35-9.2+pve1',
      type: 'q35',
      version: '9.2+pve1',
    })
    expect(await capability(client, 'cpu')).toContainEqual({ name: 'x86-64-v3', custom: 0, vendor: 'default' })
    expect((await client('GET', '/nodes/pve/capabilities/qemu/cpu-flags')).status).toBe(501)
    await old.close()
  })
})
