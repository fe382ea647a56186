// Machines under HA: requests instead of starts, and a purge before they can be removed.
import { afterEach, expect, test } from 'vitest'
import { createSimulator, type PveVersion, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'

let simulator: Simulator
let api: Client
afterEach(() => simulator.close())

async function open(version: PveVersion) {
  simulator = await createSimulator({ version })
  api = clientOf(simulator)
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, name: 'kept' }))
}

const powerOf = async () => ((await api('GET', '/nodes/pve/qemu/100/status/current')).data as { status: string }).status
const tasksOf = async () =>
  ((await api('GET', '/nodes/pve/tasks', { vmid: 100 })).data as { type: string; user: string }[]).map(
    ({ type, user }) => `${type} ${user}`,
  )

test('a start and a stop are requests, which the manager carries out as root', async () => {
  await open('9.2')
  expect((await api('POST', '/cluster/ha/resources', { sid: 'vm:100', state: 'stopped', max_restart: 2 })).status).toBe(
    200,
  )
  expect((await api('GET', '/cluster/ha/resources')).data).toEqual([
    { sid: 'vm:100', type: 'vm', state: 'stopped', max_restart: 2, digest: expect.any(String) },
  ])
  const started = await ended(api, await api('POST', '/nodes/pve/qemu/100/status/start'))
  expect(started).toEqual({ exitStatus: 'OK', log: ['Requesting HA start for VM 100', 'TASK OK'] })
  await expect.poll(powerOf).toBe('running')
  expect(await tasksOf()).toContain('qmstart root@pam')
  expect((await api('GET', '/nodes/pve/qemu/100/status/current')).data).toMatchObject({
    ha: { managed: 1, state: 'started' },
  })
  await ended(api, await api('POST', '/nodes/pve/qemu/100/status/shutdown'))
  await expect.poll(powerOf).toBe('stopped')
})

test('a managed machine is only deleted with a purge, which removes it from the HA resources', async () => {
  await open('9.2')
  await api('POST', '/cluster/ha/resources', { sid: '100', state: 'stopped' })
  expect((await api('DELETE', '/nodes/pve/qemu/100')).reason).toBe(
    'unable to remove VM 100 - used in HA resources and purge parameter not set.',
  )
  expect((await ended(api, await api('DELETE', '/nodes/pve/qemu/100', { purge: 1 }))).exitStatus).toBe('OK')
  expect((await api('GET', '/cluster/ha/resources')).data).toEqual([])
})

test('a missing machine cannot be managed, and a managed one not twice', async () => {
  await open('9.2')
  expect((await api('POST', '/cluster/ha/resources', { sid: 'vm:999' })).reason).toBe(
    "resource 'vm:999' does not exist in cluster",
  )
  await api('POST', '/cluster/ha/resources', { sid: 'vm:100', state: 'stopped' })
  expect((await api('POST', '/cluster/ha/resources', { sid: 'vm:100' })).reason).toBe(
    "create resource failed: resource ID 'vm:100' already defined",
  )
  expect((await api('GET', '/cluster/ha/resources/vm:998')).reason).toBe("no such resource 'vm:998'")
  expect((await api('DELETE', '/cluster/ha/resources/vm:998')).reason).toBe(
    "cannot delete service 'vm:998', not HA managed!",
  )
})

test('a machine can be created as an HA resource, since version 9', async () => {
  await open('9.2')
  const created = await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 101, 'ha-managed': 1, start: 1 }))
  expect(created.log).toEqual(['Add as HA resource', 'Execute autostart', 'TASK OK'])
  await expect
    .poll(async () => (await api('GET', '/nodes/pve/qemu/101/status/current')).data)
    .toMatchObject({ status: 'running' })
})

test('groups exist in version 8, rules in version 9', async () => {
  await open('8.4')
  expect((await api('POST', '/cluster/ha/groups', { group: 'near', nodes: 'pve' })).status).toBe(200)
  expect((await api('POST', '/cluster/ha/resources', { sid: 'vm:100', group: 'near', state: 'stopped' })).status).toBe(
    200,
  )
  expect((await api('GET', '/cluster/ha/groups/near')).data).toMatchObject({ group: 'near', nodes: 'pve' })
  expect((await api('GET', '/cluster/ha/rules')).status).toBe(501)
  await simulator.close()
  await open('9.2')
  expect((await api('GET', '/cluster/ha/groups')).reason).toBe(
    'cannot index groups: ha groups have been migrated to rules',
  )
  await api('POST', '/cluster/ha/resources', { sid: 'vm:100', state: 'stopped' })
  const rule = { rule: 'near', type: 'node-affinity', resources: 'vm:100', nodes: 'pve', strict: 1 }
  expect((await api('POST', '/cluster/ha/rules', rule)).status).toBe(200)
  expect((await api('GET', '/cluster/ha/rules')).data).toMatchObject([rule])
})

test('a rule names managed machines and existing nodes, and is deleted with its last machine', async () => {
  await open('9.2')
  const rule = { rule: 'near', type: 'node-affinity', resources: 'vm:100', nodes: 'pve' }
  const make = async (changes: Record<string, string> = {}) =>
    (await api('POST', '/cluster/ha/rules', { ...rule, ...changes })).reason
  expect(await make()).toBe('create ha rule failed: cannot use unmanaged resource(s) vm:100.')
  await api('POST', '/cluster/ha/resources', { sid: 'vm:100', state: 'stopped' })
  expect(await make({ nodes: 'gone' })).toBe('create ha rule failed: cannot use non-existent node(s) gone.')
  expect(await make()).toBe('OK')
  expect(await make({ rule: 'other' })).toContain("create ha rule failed: 400 Rule 'other' is invalid.")
  expect((await api('PUT', '/cluster/ha/rules/gone', { type: 'node-affinity', nodes: 'pve' })).reason).toBe(
    "update HA rules failed: HA rule 'gone' does not exist",
  )
  expect((await api('DELETE', '/cluster/ha/rules/gone')).status).toBe(200)
  await api('DELETE', '/cluster/ha/resources/vm:100')
  expect((await api('GET', '/cluster/ha/rules')).data).toEqual([])
})

test('a machine that the manager is to ignore starts by itself', async () => {
  await open('9.2')
  await api('POST', '/cluster/ha/resources', { sid: 'vm:100', state: 'ignored' })
  expect((await ended(api, await api('POST', '/nodes/pve/qemu/100/status/start'))).exitStatus).toBe('OK')
  expect(await powerOf()).toBe('running')
  expect((await api('GET', '/cluster/ha/resources')).data).toMatchObject([{ state: 'ignored' }])
})

test('a move names the machines that move too or prevent it, and a failed machine must be disabled first', async () => {
  simulator = await createSimulator({ nodes: ['pve', 'pve2', 'pve3'] })
  api = clientOf(simulator)
  for (const vmid of [100, 101, 102]) {
    const cores = vmid === 102 ? 99 : 1
    await ended(api, await api('POST', `/nodes/${vmid === 101 ? 'pve2' : 'pve'}/qemu`, { vmid, cores }))
    await api('POST', '/cluster/ha/resources', { sid: `vm:${vmid}`, state: vmid === 102 ? 'started' : 'stopped' })
  }
  const affinity = { rule: 'apart', type: 'resource-affinity', resources: 'vm:100,vm:101', affinity: 'negative' }
  expect((await api('POST', '/cluster/ha/rules', affinity)).reason).toBe('OK')
  await expect
    .poll(async () => (await api('POST', '/cluster/ha/resources/vm:100/migrate', { node: 'pve2' })).data)
    .toEqual({
      sid: 'vm:100',
      'requested-node': 'pve2',
      'blocking-resources': [{ sid: 'vm:101', cause: 'resource-affinity' }],
    })
  await api('PUT', '/cluster/ha/rules/apart', { type: 'resource-affinity', affinity: 'positive' })
  expect((await api('POST', '/cluster/ha/resources/vm:101/relocate', { node: 'pve3' })).data).toEqual({
    sid: 'vm:101',
    'requested-node': 'pve3',
    'comigrated-resources': ['vm:100'],
  })
  const failed = "service 'vm:102' in error state, must be disabled and fixed first"
  await expect
    .poll(async () => (await api('PUT', '/cluster/ha/resources/vm:102', { comment: 'x' })).reason)
    .toBe(failed)
  expect((await api('POST', '/cluster/ha/resources/vm:102/migrate', { node: 'pve2' })).reason).toBe(failed)
  expect((await api('PUT', '/cluster/ha/resources/vm:102', { state: 'disabled' })).reason).toBe('OK')
})

test('the manager stays the master after its last machine, with nothing to do', async () => {
  await open('9.2')
  const managerOf = async () => (await api('GET', '/cluster/ha/status/manager_status')).data as Record<string, unknown>
  expect(await managerOf()).toMatchObject({ manager_status: { node_status: {} } })
  await api('POST', '/cluster/ha/resources', { sid: 'vm:100' })
  await expect.poll(powerOf).toBe('running')
  const job = expect.stringMatching(/^[\w+/]{22}$/)
  expect(await managerOf()).toMatchObject({
    manager_status: { service_status: { 'vm:100': { node: 'pve', state: 'started', running: 1, uid: job } } },
    lrm_status: { pve: { state: 'active' } },
  })
  const { lrm_status: local } = (await managerOf()) as { lrm_status: { pve: { results: object } } }
  expect(Object.entries(local.pve.results)).toEqual([[job, { exit_code: 0, sid: 'vm:100', state: 'started' }]])
  await api('DELETE', '/cluster/ha/resources/vm:100')
  expect(await managerOf()).toMatchObject({
    manager_status: { master_node: 'pve', node_status: { pve: 'online' }, service_status: {} },
    lrm_status: { pve: { state: 'wait_for_agent_lock', results: {} } },
  })
})
