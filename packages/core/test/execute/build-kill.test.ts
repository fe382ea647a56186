// Tests builds that are killed, and builds of two runs at once.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeDestroyPlan } from '../../src/plan/make-destroy-plan.ts'
import { layeredState } from '../support/given.ts'
import { briskClock, createLab, failures, type Lab, labState, orphanedVolumes } from '../support/machine-lab.ts'

let lab: Lab

beforeEach(async () => {
  // Tasks outlive the requests that start them, so a killed run leaves some behind.
  lab = await createLab({
    latency: { cloneMs: 30, createMs: 30, templateMs: 20, startMs: 10, destroyMs: 10, bootMs: 40, statusMs: 0 },
  })
})

afterEach(() => lab.close())

const STATE = labState(
  `
images: { ready: { from: fast, build: { run: ["echo one >> /root/one"], disk: 128 MiB } } }
vms: { web: { image: ready, network: { bridge: vmbr0 }, start: true } }
`,
  layeredState,
)

const brisk = (dieAfter?: number) => lab.runner({ clock: briskClock(30), ...(dieAfter !== undefined && { dieAfter }) })

async function isoFiles() {
  const path = '/nodes/pve1/storage/local/content'
  const rows = await lab.call<readonly { volid: string }[]>('GET', path, { content: 'iso' })
  return rows.map(({ volid }) => volid)
}

async function isWhole(): Promise<void> {
  const guests = await lab.guests()
  const names = guests.map(({ name }) => name.replace(/^(tpl-\w+)-.*/, '$1'))
  expect(names.sort()).toEqual(['tpl-fast', 'tpl-ready', 'web'])
  expect(guests.filter(({ template }) => template === 1)).toHaveLength(2)
  expect(await isoFiles()).toEqual([])
  expect(await orphanedVolumes(lab)).toEqual([])
  const { vmid } = guests.find(({ name }) => name === 'web') ?? { vmid: 0 }
  // Once, because an interrupted boot is not continued.
  expect(lab.simulator.guest(vmid).files['/root/one']).toBe('one\n')
}

/** Everything except the template of the lowest base image. */
async function removeBuilt(): Promise<void> {
  const runner = brisk()
  const facts = await runner.observe(STATE)
  const guests = facts.guests.filter(({ name }) => !name.startsWith('tpl-fast-'))
  expect(failures(await runner.execute(STATE, facts, makeDestroyPlan(STATE, { ...facts, guests })))).toEqual([])
  expect(await lab.guests()).toHaveLength(1)
}

describe('a build', () => {
  // Another test covers the steps to the template of the base image.
  beforeEach(async () => {
    expect(failures(await brisk().apply(STATE))).toEqual([])
    await removeBuilt()
  })

  // Every sixth request here. `npm run check:kills -- --only builds` tests all of them.
  it('that is killed at a request is finished by the next run', async () => {
    for (let requests = 1; ; requests += 6) {
      const killed = await brisk(requests).apply(STATE)
      const next = await brisk().apply(STATE)
      expect(failures(next), `killed with request ${requests}`).toEqual([])
      await isWhole()
      await removeBuilt()
      if (failures(killed).length === 0) break
    }
  })

  it('is made once by two runs that begin at the same time', async () => {
    for (let round = 0; round < 2; round += 1) {
      const ran = await Promise.all([brisk().apply(STATE), brisk().apply(STATE)])
      expect(ran.flatMap(failures)).toEqual([])
      await isWhole()
      await removeBuilt()
    }
  })
})
