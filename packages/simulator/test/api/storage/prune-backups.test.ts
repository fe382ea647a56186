// Tests pruning without backups (pve-storage `API2/Storage/PruneBackups.pm`).
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { clientOf, ended } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

test('needs a retention setting, and a storage for backups', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  const path = (storage: string): string => `/nodes/pve/storage/${storage}/prunebackups`
  await expectSteps(api, [
    step(`GET ${path('local')}`, {}, "no prune-backups options configured for storage 'local'"),
    step(`GET ${path('local-lvm')}`, {}, "storage 'local-lvm' does not support backups"),
    step(`GET ${path('nope')}`, {}, "storage 'nope' does not exist"),
    step(`GET ${path('local')}`, { 'prune-backups': 'keep-last=1' }, []),
  ])
  const refused = await ended(api, await api('DELETE', path('local')))
  await api('PUT', '/storage/local', { 'prune-backups': 'keep-last=2' })
  const pruned = await ended(api, await api('DELETE', path('local'), { vmid: 100 }))
  await simulator.close()
  expect(refused.exitStatus).toBe("no prune-backups options configured for storage 'local'")
  expect(pruned.exitStatus).toBe('OK')
})
