// An update that is refused in the middle: Proxmox checks each option when its turn comes.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/index.ts'
import { type Client, clientOf, ended } from '../../support/client.ts'
import { expectSteps, step } from '../../support/steps.ts'

let simulator: Simulator
let api: Client

beforeAll(async () => {
  simulator = await createSimulator({ latency: 'instant' })
  api = clientOf(simulator)
  await ended(api, await api('POST', '/nodes/pve/qemu', { vmid: 100, sata0: 'local:1', protection: 1, onboot: 1 }))
})
afterAll(() => simulator.close())

test('what was deleted before a refused option stays deleted', async () => {
  await expectSteps(api, [
    step(
      'PUT /nodes/pve/qemu/100/config',
      { delete: 'onboot,sata0,protection' },
      "can't remove drive 'sata0' - protection mode enabled",
    ),
  ])
  const { data } = await api('GET', '/nodes/pve/qemu/100/config')
  expect(data).toMatchObject({ protection: 1, sata0: expect.any(String) })
  expect(data).not.toHaveProperty('onboot')
})
