// Consoles and monitors of machines (qemu-server `API2/Qemu.pm`), and types of machines for one start.
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { clientOf, ended } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

const machine = '/nodes/pve/qemu/100'

test('a machine that is off has no monitor, and most commands are for root only', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, memory: 64 }))
  await expectSteps(api, [
    step(`POST ${machine}/monitor`, { command: 'info status' }, 'ERROR: VM 100 not running\n'),
    step(`POST ${machine}/monitor`, { command: 'quit' }, 'ERROR: VM 100 not running\n'),
    step(`POST ${machine}/monitor`, { command: 'device_add x' }, "root-only command 'device_add'"),
    step(`POST ${machine}/monitor`, { command: 'dance' }, expect.stringContaining("command 'dance' non-existent")),
    step(`POST ${machine}/dbus-vmstate`, { action: 'start' }, { node: "VM 100 not running locally on node 'pve'" }),
    step(
      'POST /access/openid/auth-url',
      { realm: 'pve', 'redirect-url': 'https://x' },
      'wrong realm type (pve != openid)',
    ),
    step('POST /cluster/notifications/targets/none/test', {}, "endpoint 'none' does not exist"),
    step('GET /nodes/pve/replication/100-0/status', {}, "no such replication job '100-0'"),
    step('GET /cluster/sdn/ipams/pve/status', {}, []),
  ])
  await ended(api, await api('POST', `${machine}/status/start`))
  await expectSteps(api, [
    step(`POST ${machine}/monitor`, { command: 'info status' }, 'the monitor of a running machine is not simulated'),
  ])
  await simulator.close()
})

test('a type of machine that a start names must be one that is installed', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, memory: 64 }))
  const start = async (type: string) => ended(api, await api('POST', `${machine}/status/start`, { machine: type }))
  expect((await start('pc-i440fx-99.1')).exitStatus).toContain("is too old to run machine type 'pc-i440fx-99.1+pve0'")
  expect((await start('pc-i440fx-9.0')).exitStatus).toBe('OK')
  await simulator.close()
})
