// A cluster with one endpoint for each node: each answers for the whole cluster, and one that is offline does not
// answer.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../src/index.ts'
import { clientOf, upload } from '../support/client.ts'

let simulator: Simulator

beforeAll(async () => {
  simulator = await createSimulator({ nodes: ['pve1', 'pve2'], endpointPerNode: true, version: '8.4' })
})

afterAll(() => simulator.close())

const at = (node: string): Simulator => ({ ...simulator, endpoint: simulator.endpoints.get(node) ?? '' })

test('every node has its own, and the first is the endpoint of the cluster', () => {
  expect(new Set(simulator.endpoints.values()).size).toBe(2)
  expect(simulator.endpoints.get('pve1')).toBe(simulator.endpoint)
})

test('each says which node is local', async () => {
  const { data } = await clientOf(at('pve2'))('GET', '/cluster/status')
  expect(data).toMatchObject([{ type: 'cluster' }, { name: 'pve1', local: 0 }, { name: 'pve2', local: 1 }])
})

test('an upload is a task of the receiving node, whatever the target node', async () => {
  const file = { content: 'iso', name: 'a.iso', bytes: Buffer.from('abc'), node: 'pve2' }
  expect((await upload(at('pve2'), file)).data).toMatch(/^UPID:pve2:/)
  expect((await upload(at('pve1'), file)).data).toMatch(/^UPID:pve1:/)
})

test('a node that is off does not answer, and the others report it as offline', async () => {
  Object.assign(simulator.world.nodes.get('pve2') ?? {}, { online: false })
  await expect(clientOf(at('pve2'))('GET', '/version')).rejects.toThrow(/socket hang up|ECONNRESET|disconnected/)
  expect(await clientOf(at('pve1'))('GET', '/nodes/pve2/qemu')).toMatchObject({
    status: 595,
    reason: 'No route to host',
  })
  Object.assign(simulator.world.nodes.get('pve2') ?? {}, { online: true })
  expect((await clientOf(at('pve2'))('GET', '/version')).status).toBe(200)
})

test('by default, all nodes share one', async () => {
  const single = await createSimulator({ nodes: ['a', 'b'] })
  expect([...single.endpoints]).toEqual([
    ['a', single.endpoint],
    ['b', single.endpoint],
  ])
  await single.close()
})
