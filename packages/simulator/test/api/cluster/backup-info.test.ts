// What backup jobs include (pve-manager `API2/Backup.pm`, `API2/Cluster/BackupInfo.pm`).
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { clientOf, ended } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

test('a job includes the disks of its guests, and a guest without a job is not backed up', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  const disks = { scsi0: 'local:1,backup=0', scsi1: 'local:1', efidisk0: 'local:1', ide2: 'none,media=cdrom' }
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, memory: 64, name: 'web', ...disks }))
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 101, memory: 64 }))
  const job = { schedule: 'daily', storage: 'local' }
  const disk = (key: string, number: number, [included, reason]: readonly [number, string]) => ({
    id: `100:${key}`,
    name: `local:100/vm-100-disk-${number}.raw`,
    included,
    reason,
    leaf: 1,
  })
  await expectSteps(api, [
    step('GET /cluster/backup/one/included_volumes', {}, { id: "No such job 'one'" }),
    step('POST /cluster/backup', { id: 'one', vmid: '100,999', ...job }, null),
    step('GET /cluster/backup-info/not-backed-up', {}, [{ vmid: 101, type: 'qemu' }]),
    step('POST /cluster/backup', { id: 'rest', all: 1, exclude: '100', ...job }, null),
    step('GET /cluster/backup-info/not-backed-up', {}, []),
  ])
  const included = async (id: string) => (await api('GET', `/cluster/backup/${id}/included_volumes`)).data
  expect(await included('one')).toEqual({
    children: [
      {
        id: 100,
        type: 'qemu',
        name: 'web',
        leaf: 0,
        children: [
          disk('scsi0', 1, [0, 'backup=no']),
          disk('scsi1', 2, [1, 'backup=yes']),
          disk('efidisk0', 0, [0, 'efidisk but no OMVF BIOS']),
        ],
      },
      { id: 999, type: 'unknown', leaf: 1 },
    ],
  })
  expect(await included('rest')).toEqual({
    children: [{ id: 101, type: 'qemu', name: null, children: [], leaf: 1 }],
  })
  await simulator.close()
})
