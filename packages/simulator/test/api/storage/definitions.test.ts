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
    step('POST /storage', { ...a, path: '/a', is_mountpoint: 1 }, expect.stringContaining("is not mounted: '/a'")),
    step('POST /storage', { ...a, type: 'pbs', server: 's', datastore: 'd' }, 'A storage of type pbs is not simulated'),
    step('POST /storage', { ...a, path: '/a', content: 'none' }, "create storage failed: unknown vtype 'none'"),
    step(
      'POST /storage',
      { ...a, path: '/a', content: 'none', 'create-base-path': 0 },
      expect.stringContaining('does not exist or is unreachable'),
    ),
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
    step('PUT /storage/data', { nodes: '' }, a),
    step('GET /nodes/pve/storage', { storage: 'data' }, [{ enabled: 1, active: 1 }]),
    step('POST /pools', { poolid: 'p' }, null),
    step('PUT /pools', { poolid: 'p', storage: 'data' }, null),
    step('DELETE /storage/data', {}, null),
    step('GET /pools', { poolid: 'p' }, [{ members: [] }]),
    step('DELETE /storage/data', {}, "delete storage failed: storage 'data' does not exist"),
  ])
  await simulator.close()
})

test('needs its server, device or mount when Proxmox uses it, and those of the start exist', async () => {
  const simulator = await createSimulator({
    storages: [{ id: 'local' }, { id: 'thin', type: 'lvmthin' }, { id: 'nas', type: 'nfs' }],
  })
  const api = clientOf(simulator)
  const nfs = { storage: 'sb', type: 'nfs', content: 'images' }
  const failed = 'create storage failed: '
  const thick = { storage: 'thick', type: 'lvm' }
  await expectSteps(api, [
    step('POST /storage', { storage: 'sa', type: 'lvmthin', vgname: 'pve', thinpool: 'data' }, { storage: 'sa' }),
    step(
      'POST /storage',
      { storage: 'sx', type: 'lvmthin', vgname: 'pve', thinpool: 'other' },
      `${failed}no such logical volume pve/other`,
    ),
    step('POST /storage', { ...nfs, server: '192.0.2.10', export: '/export/nas' }, { storage: 'sb' }),
    step(
      'POST /storage',
      { ...nfs, storage: 'sc', server: '192.0.2.10', export: '/other' },
      expect.stringContaining('mount error'),
    ),
    step(
      'POST /storage',
      { ...nfs, storage: 'sc', server: 'nas', export: '/a' },
      `${failed}storage 'sc' is not online`,
    ),
    step(
      'POST /storage',
      { storage: 'sd', type: 'cifs', server: 'nas', share: 's' },
      `${failed}storage 'sd' is not online`,
    ),
    step(
      'POST /storage',
      { storage: 'se', type: 'zfspool', pool: 'tank/vms' },
      `${failed}could not activate storage 'se', zfs error: cannot import 'tank': no such pool available`,
    ),
    step('POST /storage', { ...nfs, storage: 'sf', server: 'nas', export: '/a', disable: 1 }, { storage: 'sf' }),
    step('PUT /storage/sf', { disable: 0 }, { storage: 'sf' }),
    step('GET /nodes/pve/storage', { storage: 'sf' }, [{ enabled: 1, active: 0, total: 0 }]),
    step('GET /nodes/pve/storage/sf/content', {}, "storage 'sf' is not online"),
    step('GET /nodes/pve/storage/local/identity', {}, expect.stringContaining('get_identity not implemented')),
    step('POST /storage', { ...thick, vgname: 'none' }, { storage: 'thick' }),
    step('GET /nodes/pve/storage/thick/content', {}, []),
    step(
      'POST /nodes/pve/storage/thick/content',
      { vmid: 100, filename: 'vm-100-disk-0', size: '1G' },
      "no such volume group 'none'",
    ),
    step('GET /nodes/pve/storage/thick/status', {}, { active: 0 }),
    step('POST /storage', { storage: 'sg', type: 'rbd', pool: 'p', monhost: '192.0.2.7' }, { storage: 'sg' }),
    step(
      'POST /nodes/pve/storage/sg/content',
      { vmid: 100, filename: 'vm-100-disk-0', size: '1G' },
      'A Ceph cluster that does not answer is not simulated',
    ),
  ])
  const resources = (await api('GET', '/cluster/resources', { type: 'storage' })).data as Record<string, unknown>[]
  const statusOf = (id: string) => resources.find(({ storage }) => storage === id)?.status
  expect([statusOf('sa'), statusOf('sf'), statusOf('thick')]).toEqual(['available', 'unknown', 'unknown'])
  await simulator.close()
})

test('that a storage is not shared is shown if it was said', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  const show = async () => (await api('GET', '/storage/private')).data
  await api('POST', '/storage', { storage: 'private', type: 'dir', path: '/srv/private' })
  expect(await show()).not.toHaveProperty('shared')
  await api('PUT', '/storage/private', { shared: 0, disable: 0 })
  expect(await show()).toMatchObject({ shared: 0 })
  expect(await show()).not.toHaveProperty('disable')
  await api('PUT', '/storage/private', { shared: 1 })
  expect(await show()).toMatchObject({ shared: 1 })
  await api('PUT', '/storage/private', { delete: 'shared' })
  expect(await show()).not.toHaveProperty('shared')
  await simulator.close()
})

test('a folder is a btrfs storage only on such a file system, as of a storage from the start', async () => {
  const simulator = await createSimulator({ storages: [{ id: 'local' }, { id: 'tree', type: 'btrfs', path: '/tree' }] })
  const btrfs = { type: 'btrfs', content: 'images' }
  await expectSteps(clientOf(simulator), [
    step(
      'POST /storage',
      { ...btrfs, storage: 'other', path: '/other' },
      "create storage failed: '/other' is not a btrfs file system",
    ),
    step('POST /storage', { ...btrfs, storage: 'second', path: '/tree' }, { storage: 'second', type: 'btrfs' }),
  ])
  await simulator.close()
})
