// Pools: their members, and that a machine is in one pool only.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator()
  api = clientOf(simulator)
  for (const poolid of ['one', 'two']) await api('POST', '/pools', { poolid })
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, pool: 'one', name: 'a' }))
})
afterAll(() => simulator.close())

test('a machine created in a pool is listed there, and shows its pool', async () => {
  expect((await api('GET', '/pools/one')).data).toMatchObject({
    members: [{ vmid: 100, name: 'a', type: 'qemu', node: 'pve' }],
  })
  expect((await api('GET', '/cluster/resources', { type: 'vm' })).data).toMatchObject([{ vmid: 100, pool: 'one' }])
})

test('it moves to another pool only with `allow-move`', async () => {
  expect((await api('PUT', '/pools/two', { vms: '100' })).reason).toBe(
    "update pools failed: VM 100 belongs already to pool 'one' and 'allow-move' is not set",
  )
  expect((await api('PUT', '/pools/one', { vms: '100', 'allow-move': 1 })).reason).toBe(
    'update pools failed: VM 100 is already a pool member',
  )
  expect((await api('PUT', '/pools/two', { vms: '100', 'allow-move': 1 })).status).toBe(200)
  expect((await api('GET', '/pools/one')).data).toMatchObject({ members: [] })
})

test('a pool is created once, and deleted only when it is empty', async () => {
  expect((await api('POST', '/pools', { poolid: 'one' })).reason).toBe("create pool failed: pool 'one' already exists")
  expect((await api('DELETE', '/pools/two')).reason).toBe(
    "delete pool failed: pool 'two' is not empty (contains VM 100)",
  )
  await ended(api, await api('DELETE', '/nodes/pve/qemu/100'))
  expect((await api('DELETE', '/pools/two')).status).toBe(200)
  expect((await api('GET', '/pools')).data).toEqual([{ poolid: 'one' }])
})
