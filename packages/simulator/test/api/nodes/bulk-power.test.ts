// Tests starting and stopping all guests of a node (pve-manager `API2/Nodes.pm`).
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'

const guests = [
  { vmid: 100, name: 'late', onboot: 1 },
  { vmid: 101, name: 'early', onboot: 1, startup: 'order=1,down=7' },
  { vmid: 102, name: 'by-hand' },
]

async function make(api: Client): Promise<void> {
  for (const guest of guests) await ended(api, await api('POST', '/nodes/pve/qemu', guest as never))
}

const run = async (api: Client, call: string, parameters = {}): Promise<readonly string[]> =>
  (await ended(api, await api('POST', `/nodes/pve/${call}`, parameters))).log

test('guests start in their order, all or those with `onboot`, and stop in reverse order', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await make(api)
  const started = await run(api, 'startall')
  const again = await run(api, 'startall', { force: 1, vms: '101,102' })
  const stopped = await run(api, 'stopall', { timeout: 9 })
  const { data } = await api('GET', '/nodes/pve/qemu')
  await simulator.close()
  expect(started).toEqual(['Starting VM 101', 'Starting VM 100', 'TASK OK'])
  expect(again).toEqual(['Starting VM 102', 'TASK OK'])
  expect(stopped).toEqual([
    'Stopping VM 102 (timeout = 9 seconds)',
    'Stopping VM 100 (timeout = 9 seconds)',
    'Stopping VM 101 (timeout = 7 seconds)',
    'TASK OK',
  ])
  expect(data).toMatchObject([{ status: 'stopped' }, { status: 'stopped' }, { status: 'stopped' }])
})

test('a start that fails is logged, and the other guests start', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await make(api)
  await api('PUT', '/nodes/pve/qemu/101/config', { hotplug: 'memory' })
  const log = await run(api, 'startall')
  await simulator.close()
  expect(log).toContain('Starting VM 101 failed: NUMA needs to be enabled for memory hotplug')
  expect(log).toContain('Starting VM 100')
})

test('a user without the privilege for all guests has to name the guests', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await make(api)
  await api('POST', '/access/users', { userid: 'one@pve' })
  const token = await api('POST', '/access/users/one@pve/token/t', {})
  const named = await api('POST', '/access/users/one@pve/token/tok', { privsep: 0 })
  await api('PUT', '/access/acl', { path: '/vms/100', roles: 'PVEVMUser', users: 'one@pve' })
  const secret = (named.data as { value: string }).value
  const own = clientOf(simulator, { id: 'one@pve!tok', secret })
  const all = await own('POST', '/nodes/pve/stopall')
  const foreign = await own('POST', '/nodes/pve/stopall', { vms: '100,101' })
  const mine = await own('POST', '/nodes/pve/startall', { vms: '100' })
  await simulator.close()
  expect(token.status, 'names of tokens have two characters at least').toBe(400)
  expect([all.status, all.reason]).toEqual([403, 'Permission check failed (/, VM.PowerMgmt)'])
  expect([foreign.status, foreign.reason]).toEqual([403, 'Permission check failed (/vms/101, VM.PowerMgmt)'])
  expect(mine.status).toBe(200)
})
