// Tests the settings of a node (pve-manager `API2/NodeConfig.pm`), and wake-on-LAN with them.
import { expect, test } from 'vitest'
import { createSimulator } from '../../../src/index.ts'
import { clientOf } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

test('settings are stored as text, with a digest against concurrent changes', async () => {
  const simulator = await createSimulator()
  const api = clientOf(simulator)
  const path = '/nodes/pve/config'
  await expectSteps(api, [
    step(`GET ${path}`, {}, {}),
    step(
      `PUT ${path}`,
      { 'startall-onboot-delay': 400 },
      {
        'startall-onboot-delay': 'value must have a maximum value of 300',
      },
    ),
    step(
      `PUT ${path}`,
      { location: 'name=here,latitude=91,longitude=0' },
      {
        location: expect.stringContaining('value must have a maximum value of 90'),
      },
    ),
    step(`PUT ${path}`, { description: 'eins\nzwei: ü', 'ballooning-target': 70 }, null),
    step(`GET ${path}`, {}, { description: 'eins\nzwei: ü\n', 'ballooning-target': '70' }),
    step(
      `PUT ${path}`,
      { digest: '00', description: 'x' },
      'detected modified configuration - file changed by other user? Try again.',
    ),
    step(`PUT ${path}`, { delete: 'description,nope' }, null),
    step(`GET ${path}`, { property: 'description' }, { description: '' }),
    step(`PUT ${path}`, { delete: 'ballooning-target' }, null),
  ])
  const { data } = await api('GET', path)
  await simulator.close()
  expect(data, 'an empty file reads as none').toEqual({})
})

test('a node is woken up with the address in its settings, and cannot wake itself', async () => {
  const simulator = await createSimulator({ nodes: ['pve1', 'pve2'] })
  const api = clientOf(simulator)
  await expectSteps(api, [
    step('POST /nodes/pve1/wakeonlan', {}, "'pve1' is local node, cannot wake my self!"),
    step('POST /nodes/nope/wakeonlan', {}, "no such cluster node 'nope'"),
    step('POST /nodes/pve2/wakeonlan', {}, "No wake on LAN MAC address defined for 'pve2'!"),
    step('PUT /nodes/pve2/config', { wakeonlan: 'mac=02:00:00:00:00:01' }, null),
    step('POST /nodes/pve2/wakeonlan', {}, '02:00:00:00:00:01'),
  ])
  await simulator.close()
})
