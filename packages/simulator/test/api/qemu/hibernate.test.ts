// Suspending to disk and resuming from there (qemu-server `RunState.pm`, `QemuServer.pm:vm_start`).
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

let simulator: Simulator
let api: Client
const root = '/nodes/pve/qemu'

beforeAll(async () => {
  simulator = await createSimulator({ storages: [{ id: 'local' }, { id: 'thin', type: 'lvmthin' }] })
  api = clientOf(simulator)
})
afterAll(() => simulator.close())

const task = async (method: string, path: string, parameters = {}) =>
  ended(api, await api(method, `${root}/${path}`, parameters))
const configOf = async (vmid: number) => (await api('GET', `${root}/${vmid}/config`)).data as Record<string, unknown>

const create = async (vmid: number, options: Record<string, string | number> = {}) => {
  await ended(
    api,
    await api('POST', root, { vmid, memory: 128, scsi0: 'local:1', net0: 'virtio,bridge=vmbr0', ...options }),
  )
  await task('POST', `${vmid}/status/start`)
}

test('a machine that is suspended to disk is resumed by a start, which removes the state', async () => {
  await create(100, { machine: 'q35' })
  const suspended = await task('POST', '100/status/suspend', { todisk: 1 })
  const volid = /^local:100\/vm-100-state-suspend-\d{4}-\d\d-\d\d\.raw$/
  expect(suspended.exitStatus).toBe('OK')
  expect(suspended.log).toEqual([expect.stringContaining('size=792723456'), 'State saved, quitting', 'TASK OK'])
  expect(await configOf(100)).toMatchObject({
    lock: 'suspended',
    vmstate: expect.stringMatching(volid),
    runningmachine: 'pc-q35-11.0+pve2',
    'running-nets-host-mtu': 'net0=1500',
  })
  const file = join(
    simulator.dataDirectory,
    'nodes/pve/var/lib/vz/images/100',
    String((await configOf(100)).vmstate).slice(10),
  )
  expect(existsSync(file)).toBe(true)
  await expectSteps(api, [
    step(`GET ${root}/100/status/current`, {}, { status: 'stopped', lock: 'suspended' }),
    step(`PUT ${root}/100/config`, { memory: 256 }, 'VM is locked (suspended)'),
    step(`POST ${root}/100/status/suspend`, { todisk: 1 }, 'VM 100 not running'),
  ])
  const resumed = await task('POST', '100/status/resume')
  expect(resumed.log).toEqual([
    'Resuming suspended VM',
    expect.stringMatching(/^activating and using 'local:100\/.*' as vmstate$/),
    'Resumed VM, removing state',
    'TASK OK',
  ])
  expect(Object.keys(await configOf(100))).not.toContain('lock')
  expect(Object.keys(await configOf(100))).not.toContain('vmstate')
  expect(existsSync(file)).toBe(false)
  await expectSteps(api, [step(`GET ${root}/100/status/current`, {}, { status: 'running' })])
})

test('the state is removed with its option or with the machine', async () => {
  await create(101)
  await task('POST', '101/status/suspend', { todisk: 1, statestorage: 'thin' })
  expect(await configOf(101)).toMatchObject({ vmstate: expect.stringMatching(/^thin:vm-101-state-suspend-/) })
  await expectSteps(api, [step(`PUT ${root}/101/config`, { delete: 'vmstate' }, null)])
  expect(await configOf(101)).not.toHaveProperty('lock')
  expect(await configOf(101)).not.toHaveProperty('runningcpu')
  await create(102)
  await task('POST', '102/status/suspend', { todisk: 1 })
  expect((await task('DELETE', '102')).exitStatus).toBe('OK')
  for (const storage of ['local', 'thin']) {
    const { data } = await api('GET', `/nodes/pve/storage/${storage}/content`, { content: 'images' })
    expect((data as { volid: string }[]).filter(({ volid }) => volid.includes('-state-'))).toEqual([])
  }
})

test('a machine under HA is not suspended to disk', async () => {
  await create(103)
  await expectSteps(api, [step('POST /cluster/ha/resources', { sid: 'vm:103' }, null)])
  await expectSteps(api, [
    step(`POST ${root}/103/status/suspend`, { todisk: 1 }, 'Cannot suspend HA managed VM to disk'),
    step(
      `POST ${root}/103/status/suspend`,
      { statestorage: 'local' },
      { todisk: "missing property required by 'statestorage'" },
    ),
  ])
})

test('power calls for a machine that does not exist look for its file', async () => {
  const missing = "unable to find configuration file for VM 999 on node 'pve'"
  await expectSteps(
    api,
    ['suspend', 'resume', 'reset', 'reboot'].map((action) => step(`POST ${root}/999/status/${action}`, {}, missing)),
  )
})

test('an option that is reverted counts as set', async () => {
  await ended(api, await api('POST', root, { vmid: 104, memory: 256, balloon: 300 }))
  await expectSteps(api, [
    step(`PUT ${root}/104/config`, { revert: 'cores' }, null),
    step(
      `PUT ${root}/104/config`,
      { revert: 'memory' },
      'balloon value too large (must be smaller than assigned memory)',
    ),
  ])
})
