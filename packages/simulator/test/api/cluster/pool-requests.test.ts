// Pools, request by request (pve-manager `API2/Pool.pm`).
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { clientOf, ended } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

test.each([
  ['9.2', 'create pool failed: pool name must start with a letter'],
  ['8.4', null],
] as const)('of %s', async (version, numbered) => {
  const simulator = await createSimulator({ version })
  const api = clientOf(simulator)
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, name: 'a' }))
  await expectSteps(api, [
    step('GET /pools', { poolid: 'x' }, "pool 'x' does not exist"),
    step('GET /pools/x', {}, "pool 'x' does not exist"),
    step('POST /pools', { poolid: '1abc' }, numbered),
    step('POST /pools', { poolid: 'a/b' }, "create pool failed: parent 'a' of pool 'a/b' does not exist"),
    step('POST /pools', { poolid: 'a', comment: 'c' }, null),
    step('POST /pools', { poolid: 'a/b' }, null),
    step('POST /pools', { poolid: 'a/b/c/d' }, { poolid: expect.stringContaining('nested too deeply') }),
    step('DELETE /pools', { poolid: 'a' }, "delete pool failed: pool 'a' is not empty (contains pool 'a/b')"),
    step(
      'PUT /pools',
      { poolid: 'a', storage: 'local', delete: 1 },
      "update pools failed: Storage 'local' is not a pool member",
    ),
    step('PUT /pools', { poolid: 'a', storage: 'local', vms: '100,999999' }, null),
    step(
      'PUT /pools',
      { poolid: 'a', storage: 'local' },
      "update pools failed: Storage 'local' is already a pool member",
    ),
    step(
      'PUT /pools',
      { poolid: 'a', comment: 'no', vms: '100' },
      'update pools failed: VM 100 is already a pool member',
    ),
    step('PUT /pools', { poolid: 'a/b', vms: '100', 'allow-move': 1 }, null),
    step('GET /pools', { poolid: 'a', type: 'qemu' }, [{ poolid: 'a', comment: 'c', members: [] }]),
    step('GET /pools/a', {}, { poolid: 'a', members: [{ id: 'storage/pve/local', plugintype: 'dir', shared: 0 }] }),
    step('GET /pools', { poolid: 'a/b' }, [{ members: [{ id: 'qemu/100', name: 'a', maxcpu: 1, template: 0 }] }]),
    step('DELETE /pools', { poolid: 'a/b' }, "delete pool failed: pool 'a/b' is not empty (contains VM 100)"),
    step('PUT /pools', { poolid: 'a/b', vms: '100', delete: 1 }, null),
    step('DELETE /pools', { poolid: 'a/b' }, null),
    step('DELETE /pools/a', {}, "delete pool failed: pool 'a' is not empty (contains storage 'local')"),
  ])
  await simulator.close()
})
