// Several runs at the same time with one cluster: exactly one of each machine, whichever run comes first.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { candidateVmids } from '../../src/facts/cluster/candidates.ts'
import type { Desired } from '../../src/manifest/manifest.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { createLab, failures, type Lab, labState, orphanedVolumes } from '../support/machine-lab.ts'

let lab: Lab

beforeAll(async () => {
  // Tasks take a moment, so that runs find guests that are being created.
  lab = await createLab({ latency: { cloneMs: 30, createMs: 30, templateMs: 20, statusMs: 0, requestMs: 1 } })
})

afterAll(() => lab.close())

const STATE = labState(
  'vms: { web: { count: 2, cores: 2, disk: 128 MiB, network: { bridge: vmbr0 } }, db: { memory: 1 GiB } }',
)
const SMALL = labState('vms: { web: { cores: 2 }, db: {} }')

async function runAtOnce(runs: number, desired: Desired): Promise<void> {
  const ran = await Promise.all(Array.from({ length: runs }, () => lab.runner().apply(desired)))
  expect(ran.flatMap(failures)).toEqual([])
  const guests = await lab.guests()
  expect(guests.map(({ name }) => name.replace(/^(tpl-fast)-.*/, '$1')).sort()).toEqual(
    [...desired.machines.map(({ name }) => name), 'tpl-fast'].sort(),
  )
  // All runs report the same machines.
  const ids = ran.map(({ outcomes }) =>
    outcomes.filter(({ step }) => step.kind === 'create').map(({ result }) => result?.guest?.vmid),
  )
  expect(new Set(ids.map((one) => JSON.stringify(one))).size).toBe(1)
}

async function removeMachines(keepTemplate: boolean): Promise<void> {
  const guests = await lab.guests()
  const remove = ({ vmid, node }: (typeof guests)[number]) => lab.task('DELETE', `/nodes/${node}/qemu/${vmid}`)
  await Promise.all(guests.filter(({ template }) => !template).map(remove))
  if (!keepTemplate) await Promise.all(guests.filter(({ template }) => template).map(remove))
}

describe('runs at the same time', () => {
  it('create exactly one of each, template included, when two start on an empty cluster', async () => {
    await runAtOnce(2, STATE)
    expect(await orphanedVolumes(lab)).toEqual([])
    await removeMachines(false)
  })

  it('create exactly one of each when four start on an empty cluster', async () => {
    await runAtOnce(4, STATE)
    await removeMachines(true)
  })

  it('create exactly one of each, twenty times', async () => {
    for (let round = 0; round < 20; round += 1) {
      await runAtOnce(round % 5 === 0 ? 4 : 2, SMALL)
      await removeMachines(true)
    }
    expect(await orphanedVolumes(lab)).toEqual([])
  })
})

describe('someone else between two runs', () => {
  const alone = labState('vms: { alone: { cores: 2 } }')
  const walk = () => candidateVmids('lab', 'alone', alone.vmids)

  it('creates a machine under a candidate ID: the next one is used, and foreign machines are not touched', async () => {
    const [first = 0, second = 0] = walk()
    await lab.task('POST', '/nodes/pve2/qemu', { vmid: first, name: 'theirs', description: 'mine' })
    const ran = await lab.runner().apply(alone)
    expect(failures(ran)).toEqual([])
    expect((await lab.guests()).filter(({ name }) => name === 'alone').map(({ vmid }) => vmid)).toEqual([second])
    expect((await lab.config(first, 'pve2')).description).toBe('mine')
    await lab.task('DELETE', `/nodes/pve1/qemu/${second}`)
    await lab.task('DELETE', `/nodes/pve2/qemu/${first}`)
  })

  it('frees a candidate between them: of the two machines created, one stays, the same for every run', async () => {
    const [first = 0, second = 0] = walk()
    await lab.task('POST', '/nodes/pve1/qemu', { vmid: first, name: 'theirs' })
    const [early, late] = [lab.runner(), lab.runner()]
    const facts = await early.observe(alone)
    expect(failures(await late.apply(alone))).toEqual([])
    await lab.task('DELETE', `/nodes/pve1/qemu/${first}`)
    // The first run saw neither, so it considers the first candidate free.
    const ran = await early.execute(alone, { ...facts, listed: new Map() }, makePlan(alone, facts))
    expect(failures(ran)).toEqual([])
    // What the other run has finished may be in use, so an apply never removes it.
    expect(ran.notes.join()).toContain(`${first} on pve1 is removed`)
    expect((await lab.guests()).filter(({ name }) => name === 'alone').map(({ vmid }) => vmid)).toEqual([second])
    expect((await lab.runner().apply(alone)).summary.filter((line) => !line.endsWith('kept'))).toEqual([])
    await lab.task('DELETE', `/nodes/pve1/qemu/${second}`)
  })

  it('left two machines of one name, as a run ended before its check: both stay, and the next run reports it', async () => {
    const [first = 0, second = 0] = walk()
    await lab.runner().apply(alone)
    const { description } = await lab.config(first)
    const marker = String(description).replace(`"vmid":${first}`, `"vmid":${second}`)
    await lab.task('POST', '/nodes/pve1/qemu', {
      vmid: second,
      name: 'alone',
      tags: 'pve-provision',
      description: marker,
    })
    const ran = await lab.runner().apply(alone)
    expect(failures(ran).join()).toMatch(/2 VMs have the marker of alone/)
    expect((await lab.guests()).filter(({ name }) => name === 'alone')).toHaveLength(2)
    await lab.task('DELETE', `/nodes/pve1/qemu/${second}`)
    await lab.task('DELETE', `/nodes/pve1/qemu/${first}`)
  })

  it('uses a fixed ID: it is reported, and no other ID is used', async () => {
    await lab.task('POST', '/nodes/pve1/qemu', { vmid: 555, name: 'theirs' })
    const ran = await lab.runner().apply(labState('vms: { fixed: { vmid: 555 } }'))
    expect(failures(ran).join()).toMatch(/CONFLICT VM ID 555 of fixed is already used by theirs on pve1/)
    expect((await lab.guests()).filter(({ name }) => name === 'fixed')).toEqual([])
  })

  it('reuses an ID after our check: the machine is left alone, by changes and by destroy', async () => {
    await lab.runner().apply(alone)
    const runner = lab.runner()
    const changed = labState('vms: { alone: { cores: 4 } }')
    const facts = await runner.observe(changed)
    const { vmid = 0 } = facts.guests.find(({ name }) => name === 'alone') ?? {}
    await lab.task('DELETE', `/nodes/pve1/qemu/${vmid}`)
    await lab.task('POST', '/nodes/pve1/qemu', { vmid, name: 'recycled', cores: 1 })
    expect(failures(await runner.execute(changed, facts, makePlan(changed, facts))).join()).toContain(
      'is no longer alone of lab; it is left alone',
    )
    const { makeDestroyPlan } = await import('../../src/plan/make-destroy-plan.ts')
    const destroyed = await runner.execute(changed, facts, makeDestroyPlan(changed, facts, { only: ['alone'] }))
    expect(failures(destroyed).join()).toContain('is no longer alone of lab')
    expect(await lab.config(vmid)).toMatchObject({ name: 'recycled', cores: 1 })
  })
})
