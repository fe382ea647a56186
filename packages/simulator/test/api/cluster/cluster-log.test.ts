// The log of the cluster (pve-manager `API2/Cluster.pm`).
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { clientOf, ended } from '../../support/client.ts'

test('the log shows tasks that started and ended, newest first, and others only to auditors', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100 }))
  await ended(api, await api('POST', '/nodes/pve/qemu/999/status/start'))
  await api('POST', '/access/users', { userid: 'ada@pve' })
  const { value } = (await api('POST', '/access/users/ada@pve/token/tok')).data as { value: string }
  const all = (await api('GET', '/cluster/log')).data as Record<string, unknown>[]
  const two = (await api('GET', '/cluster/log', { max: 2 })).data
  const own = (await clientOf(simulator, { id: 'ada@pve!tok', secret: value })('GET', '/cluster/log')).data
  await simulator.close()
  expect(all.map(({ msg }) => String(msg).split(' ')[0])).toEqual(['end', 'starting', 'end', 'starting'])
  expect(all[0]).toMatchObject({ node: 'pve', tag: 'pvedaemon', user: 'root@pam!simulator', pri: 3 })
  expect(all[2]).toMatchObject({ msg: expect.stringMatching(/^end task UPID:pve:.*:qmcreate:100:.*: OK$/), pri: 6 })
  expect(two).toHaveLength(2)
  expect(own).toEqual([])
})
