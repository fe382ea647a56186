// Resource mappings: stored, checked against the nodes' devices, and shown to users with the privilege.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf } from '../../support/client.ts'

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator({
    nodes: ['pve1', 'pve2'],
    devices: [
      { kind: 'pci', path: '0000:01:00.0', id: '10de:2204', iommuGroup: 3 },
      { kind: 'usb', path: '1-2', id: '1a86:7523', node: 'pve2' },
    ],
  })
  api = clientOf(simulator)
})
afterAll(() => simulator.close())

const root = '/cluster/mapping'
const gpu = 'node=pve1,path=0000:01:00.0,id=10de:2204,iommugroup=3'
const list = async (kind: string, parameters = {}, client = api) =>
  (await client('GET', `${root}/${kind}`, parameters)).data as Record<string, unknown>[]

test('a mapping is created once, replaced as a whole, and its deletion can be repeated', async () => {
  const digest = expect.stringMatching(/^[0-9a-f]{40}$/)
  expect((await api('POST', `${root}/pci`, { id: 'gpu', map: gpu, description: 'x' })).status).toBe(200)
  expect((await api('POST', `${root}/pci`, { id: 'gpu', map: gpu })).reason).toBe(
    "create hardware mapping failed: pci ID 'gpu' already defined",
  )
  expect(await list('pci')).toEqual([{ id: 'gpu', type: 'pci', map: [gpu], description: 'x', digest }])
  await api('PUT', `${root}/pci/gpu`, { map: gpu, mdev: 1, delete: 'description' })
  expect((await api('GET', `${root}/pci/gpu`)).data).toEqual({ type: 'pci', map: [gpu], mdev: 1, digest })
  expect((await api('PUT', `${root}/pci/nope`, { map: gpu })).reason).toBe(
    "update hardware mapping failed: pci ID 'nope' does not exist",
  )
  expect((await api('PUT', `${root}/pci/gpu`, { description: 'y' })).reason).toBe(
    "update hardware mapping failed: missing value for required option 'map'",
  )
  for (const _ of [1, 2]) expect((await api('DELETE', `${root}/pci/gpu`)).status).toBe(200)
  expect((await api('GET', `${root}/pci/gpu`)).reason).toBe("mapping 'gpu' not found")
})

describe('is checked on a node', () => {
  test.each([
    ['pci', gpu, 'checks', []],
    ['pci', gpu.replace('pve1', 'pve2'), 'checks', [{ severity: 'warning', message: 'No mapping for node pve1.' }]],
    [
      'pci',
      gpu.replace(',iommugroup=3', ''),
      'checks',
      [
        {
          severity: 'error',
          message: "Invalid configuration: missing expected property 'iommugroup' for device '0000:01:00.0'\n",
        },
      ],
    ],
    [
      'usb',
      'node=pve1,id=1a86:7523',
      'errors',
      [{ severity: 'error', message: "Invalid configuration: usb device '1a86:7523' not found\n" }],
    ],
  ])('%s %s', async (kind, map, key, checks) => {
    await api('POST', `${root}/${kind}`, { id: 'checked', map })
    expect(await list(kind, { 'check-node': 'pve1' })).toMatchObject([{ [key]: checks }])
    await api('DELETE', `${root}/${kind}/checked`)
  })
})

test('a directory must exist, and a node may have only one', async () => {
  const create = async (map: string) => (await api('POST', `${root}/dir`, { id: 'share', map })).reason
  expect(await create('node=pve1,path=/srv/none')).toBe('Path /srv/none does not exist')
  expect(await create('node=pve1,path=/etc')).toBe('Path /etc does not exist')
  await api('GET', '/nodes/pve1/storage')
  expect(await create('node=pve1,path=/var/lib/vz')).toBe('OK')
  expect(await list('dir', { 'check-node': 'pve1' })).toMatchObject([{ id: 'share', checks: [] }])
})

test('users with Mapping.Use see a mapping and may assign it to a machine', async () => {
  await api('POST', `${root}/usb`, { id: 'zigbee', map: 'node=pve2,id=1a86:7523' })
  await api('POST', `${root}/usb`, { id: 'other', map: 'node=pve2,id=1a86:7523' })
  await api('POST', '/access/users', { userid: 'ci@pve' })
  const { data } = await api('POST', '/access/users/ci@pve/token/plain', { privsep: 0 })
  const token = clientOf(simulator, { id: 'ci@pve!plain', secret: String((data as Record<string, unknown>).value) })
  await api('PUT', '/access/acl', { path: '/mapping/usb/zigbee', users: 'ci@pve', roles: 'PVEMappingUser' })
  await api('PUT', '/access/acl', { path: '/vms', users: 'ci@pve', roles: 'PVEVMAdmin' })
  expect((await list('usb', {}, token)).map(({ id }) => id)).toEqual(['zigbee'])
  await api('POST', '/nodes/pve1/qemu', { vmid: 100 })
  const put = async (usb0: string) => (await token('PUT', '/nodes/pve1/qemu/100/config', { usb0 })).reason
  await expect.poll(() => put('mapping=zigbee')).toBe('OK')
  expect(await put('mapping=other')).toBe('Permission check failed (/mapping/usb/other, Mapping.Use)')
})
