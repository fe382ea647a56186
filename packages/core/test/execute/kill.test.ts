// A run that is killed: the next run completes it, with nothing twice and nothing
// lost.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readMarker } from '../../src/facts/cluster/marker.ts'
import type { Desired } from '../../src/manifest/manifest.ts'
import { UNFINISHED } from '../../src/plan/compare/spec-hash.ts'
import { createLab, failures, type Lab, labState, orphanedVolumes } from '../support/machine-lab.ts'

let lab: Lab

beforeAll(async () => {
  // Tasks outlive the requests that start them, so that a killed run leaves some behind.
  lab = await createLab({
    latency: { cloneMs: 60, createMs: 60, templateMs: 40, startMs: 20, destroyMs: 20, statusMs: 0 },
  })
})

afterAll(() => lab.close())

const STATE = labState(
  'vms: { web: { cores: 2, disk: 128 MiB, network: { bridge: vmbr0 }, cloudInit: { user: ops, password: secret }, start: true } }',
)

async function isFinished(desired: Desired): Promise<void> {
  const guests = await lab.guests()
  expect(guests.map(({ name }) => name.replace(/^(tpl-fast)-.*/, '$1')).sort()).toEqual(['tpl-fast', 'web'])
  const { vmid } = guests.find(({ name }) => name === 'web') ?? { vmid: 0 }
  const config = await lab.config(vmid)
  expect(config).toMatchObject({ cores: 2, ciuser: 'ops', scsi0: expect.stringContaining('size=128M') })
  expect(config.lock).toBeUndefined()
  expect(readMarker(config.description)?.spec).not.toBe(UNFINISHED)
  expect((await lab.call<{ status: string }>('GET', `/nodes/pve1/qemu/${vmid}/status/current`)).status).toBe('running')
  expect(await orphanedVolumes(lab)).toEqual([])
  const again = await lab.runner().apply(desired)
  expect(again.summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
}

// Every fourth request here. `npm run check:kills -- --only machines` tests all of them.
describe('a run that is killed', () => {
  it('at a request of an apply is completed by the next run', async () => {
    for (let requests = 1; ; requests += 4) {
      const killed = await lab.runner({ dieAfter: requests }).apply(STATE)
      const next = await lab.runner().apply(STATE)
      expect(failures(next), `killed with request ${requests}`).toEqual([])
      await isFinished(STATE)
      expect(failures(await lab.runner().destroy(STATE))).toEqual([])
      if (failures(killed).length === 0) break
    }
  })

  it('at a request of a destroy is completed by the next run', async () => {
    for (let requests = 1; ; requests += 4) {
      expect(failures(await lab.runner().apply(STATE))).toEqual([])
      const killed = await lab.runner({ dieAfter: requests }).destroy(STATE)
      expect(failures(await lab.runner().destroy(STATE)), `killed with request ${requests}`).toEqual([])
      expect(await lab.guests()).toEqual([])
      expect(await orphanedVolumes(lab)).toEqual([])
      if (failures(killed).length === 0) break
    }
  })
})
