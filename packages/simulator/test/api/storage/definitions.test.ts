// Storage definitions, request by request (pve-storage `API2/Storage/Config.pm`).
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { clientOf } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

test('of a storage are checked by its type, and their deletion removes the permissions on it', async () => {
  const simulator = await createSimulator({ version: '9.2' })
  const api = clientOf(simulator)
  const a = { storage: 'data', type: 'dir' }
  await expectSteps(api, [
    step('POST /storage', a, "missing value for required option 'path'"),
    step('POST /storage', { ...a, path: '/a b' }, 'illegal path for directory storage: /a b'),
    step('POST /storage', { ...a, path: '/a', vgname: 'vg' }, "unexpected property 'vgname'"),
    step('POST /storage', { ...a, path: '/a', 'create-base-path': 0 }, expect.stringContaining('does not exist or is')),
    step('POST /storage', { ...a, path: '/a', is_mountpoint: 1 }, expect.stringContaining('is not simulated')),
    step('POST /storage', { ...a, type: 'pbs', server: 's', datastore: 'd' }, 'A storage of type pbs is not simulated'),
    step('POST /storage', { ...a, path: '/a//b/' }, a),
    step('POST /storage', { ...a, path: '/a' }, "create storage failed: storage ID 'data' already defined"),
    step('GET /storage/data', {}, { path: '/a/b', content: 'images,rootdir' }),
    step('PUT /storage/data', { digest: '0' }, expect.stringContaining('update storage failed: detected modified')),
    step('PUT /storage/data', { delete: 'nope' }, "update storage failed: no such option 'nope'"),
    step('PUT /storage/data', { delete: 'path' }, "update storage failed: unable to delete required option 'path'"),
    step(
      'PUT /storage/data',
      { delete: 'nodes', nodes: 'pve' },
      expect.stringContaining('cannot set and delete property'),
    ),
    step('PUT /storage/data', { content: 'none,iso' }, expect.stringContaining("unable to combine 'none' with other")),
    step('PUT /storage/data', { content: 'none' }, a),
    step('GET /storage/data', {}, { content: 'none' }),
    step('PUT /storage/data', { content: 'iso', nodes: 'other' }, a),
    step('GET /nodes/pve/storage', { storage: 'data' }, [{ enabled: 0, active: 0, total: 0 }]),
    step('GET /nodes/pve/storage', { storage: 'data', content: 'iso' }, { storage: 'No such storage.' }),
    step('POST /pools', { poolid: 'p' }, null),
    step('PUT /pools', { poolid: 'p', storage: 'data' }, null),
    step('DELETE /storage/data', {}, null),
    step('GET /pools', { poolid: 'p' }, [{ members: [] }]),
    step('DELETE /storage/data', {}, "delete storage failed: storage 'data' does not exist"),
  ])
  await simulator.close()
})
