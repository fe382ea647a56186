// Another user changes the machine between plan and execution: the run does only what was planned, and reports the
// rest.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePlan } from '../../../src/plan/make-plan.ts'
import { createLab, failures, type Lab, labState, type Runner } from '../../support/machine-lab.ts'

let lab: Lab
let runner: Runner

beforeAll(async () => {
  lab = await createLab()
  runner = lab.runner()
})
afterAll(() => lab.close())

const IS = labState(
  'vms: { web: { cores: 1, memory: 512 MiB, tags: [blue], disks: [{ size: 1 GiB }], description: ours } }',
)
const WANTED = labState(
  'vms: { web: { cores: 2, memory: 512 MiB, tags: [blue], disks: [{ size: 2 GiB }], description: ours } }',
)

const vmidOf = async () => (await lab.guests()).find(({ name }) => name === 'web')?.vmid ?? 0

describe('after the plan was made', () => {
  it.each<
    [
      string,
      Record<string, unknown> | undefined,
      { cores: number; memory: string; tags: RegExp; left: readonly RegExp[] },
    ]
  >([
    ['nothing was changed', undefined, { cores: 2, memory: '512', tags: /blue/, left: [] }],
    ['the same change was made', { cores: 2 }, { cores: 2, memory: '512', tags: /blue/, left: [] }],
    [
      'a planned key got a third value',
      { cores: 3 },
      {
        cores: 3,
        memory: '512',
        tags: /blue/,
        left: [/^web: cores changed since the plan was made, and is left alone/],
      },
    ],
    [
      'another declared key was changed',
      { memory: 1024 },
      { cores: 2, memory: '1024', tags: /blue/, left: [/^web: memory changed since/] },
    ],
    [
      'several were',
      { memory: 1024, tags: 'pve-provision;red' },
      {
        cores: 2,
        memory: '1024',
        tags: /red/,
        left: [/^web: (memory, tags|tags, memory) changed since .* and are left alone/],
      },
    ],
    ['what nobody declared was changed', { numa: 1 }, { cores: 2, memory: '512', tags: /blue/, left: [] }],
  ])('%s', async (_, meanwhile, { cores, memory, tags, left }) => {
    await runner.destroy(IS)
    await runner.apply(IS)
    const facts = await runner.observe(WANTED)
    const plan = makePlan(WANTED, facts)
    const vmid = await vmidOf()
    if (meanwhile) await lab.call('PUT', `/nodes/pve1/qemu/${vmid}/config`, meanwhile)
    const ran = await runner.execute(WANTED, facts, plan)
    expect(failures(ran)).toEqual([])
    const config = await lab.config(vmid)
    expect([config.cores, config.memory]).toEqual([cores, memory])
    expect(config.tags).toMatch(tags)
    expect(config.scsi1).toMatch(/size=2G/)
    const warnings = ran.outcomes.flatMap(({ result }) => result?.warnings ?? [])
    expect(warnings).toEqual(left.map((message) => expect.stringMatching(message)))
    // The rest is in the next plan, for approval.
    const next = makePlan(WANTED, await runner.observe(WANTED)).machines[0]
    expect(next?.action).toBe(left.length === 0 ? 'keep' : 'update')
  })
})
