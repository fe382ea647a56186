// What /cluster/resources shows when: the status daemon updates every ten seconds, configurations are always current.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { observeStatus } from '../../src/api/cluster/cluster-resources.ts'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { type Client, clientOf, ended } from '../support/client.ts'

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator({ version: '8.4', latency: { statusMs: 3_600_000 } })
  api = clientOf(simulator)
})

afterAll(() => simulator.close())

const resource = async () => ((await api('GET', '/cluster/resources', { type: 'vm' })).data as object[])[0]

test('a new machine is listed at once with its tags, but neither its name nor its state are known', async () => {
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, name: 'web', tags: 'a;b', memory: 64 }))
  expect(await resource()).toEqual({
    id: 'qemu/100',
    type: 'qemu',
    vmid: 100,
    node: 'pve',
    status: 'unknown',
    tags: 'a;b',
  })
  expect((await api('GET', '/nodes/pve/qemu')).data).toMatchObject([{ vmid: 100, name: 'web', status: 'stopped' }])
})

test('after the daemon has polled, it is listed as it was then', async () => {
  observeStatus(simulator.world)
  expect(await resource()).toMatchObject({ name: 'web', status: 'stopped', template: 0, maxmem: 64 * 1024 * 1024 })
})

test('later changes are not listed before the daemon polls again, except tags', async () => {
  // The update and the change must have different timestamps.
  await new Promise((wake) => setTimeout(wake, 5))
  await api('PUT', '/nodes/pve/qemu/100/config', { name: 'renamed', tags: 'c' })
  await ended(api, await api('POST', '/nodes/pve/qemu/100/template'))
  expect(await resource()).toMatchObject({ name: 'web', template: 0, tags: 'c' })
  observeStatus(simulator.world)
  expect(await resource()).toMatchObject({ name: 'renamed', template: 1 })
})

test('a deleted machine is gone at once', async () => {
  await ended(api, await api('DELETE', '/nodes/pve/qemu/100'))
  expect(await resource()).toBeUndefined()
})
