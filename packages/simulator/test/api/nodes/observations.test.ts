// What a node observes (pve-manager `API2/Nodes.pm`).
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { clientOf, ended } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

test('only running machines have traffic, and nothing is logged or to be downloaded', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, memory: 64, net0: 'virtio,bridge=vmbr0' }))
  const before = (await api('GET', '/nodes/pve/netstat')).data
  await ended(api, await api('POST', '/nodes/pve/qemu/100/status/start'))
  const after = (await api('GET', '/nodes/pve/netstat')).data
  const log = await api('GET', '/nodes/pve/firewall/log')
  await expectSteps(api, [
    step('GET /nodes/pve/qemu/100/firewall/log', {}, [{ n: 1, t: 'no content' }]),
    step('GET /nodes/pve/aplinfo', {}, []),
    step('POST /nodes/pve/aplinfo', { storage: 'local', template: 'x' }, { template: 'no such template' }),
    step('GET /nodes/pve/hardware/pci/0000:00:02.0', {}, [{ method: 'mdev' }]),
  ])
  await simulator.close()
  expect(before).toEqual([])
  expect(after).toEqual([{ vmid: '100', dev: 'net0', in: '0', out: '0' }])
  expect(log.body).toEqual({ data: [{ n: 1, t: 'no content' }], total: 1 })
})
