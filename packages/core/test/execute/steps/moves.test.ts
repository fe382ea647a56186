// Migrations between two simulated nodes: what moves, what the plan refuses, and disks that must move first.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Desired } from '../../../src/manifest/manifest.ts'
import { createLab, failures, type Lab, labState, type Ran } from '../../support/machine-lab.ts'

let lab: Lab

beforeAll(async () => {
  lab = await createLab({
    storages: [
      { id: 'local' },
      { id: 'nas', type: 'nfs' },
      { id: 'one', nodes: ['pve1'] },
      { id: 'two', nodes: ['pve2'] },
    ],
  })
})
afterAll(() => lab.close())

const runner = () => lab.runner()

interface Wanted {
  readonly node?: string
  readonly storage?: string
  readonly words?: string
}

function state(project: string, { node = 'pve1', storage = 'local', words = '' }: Wanted = {}): Desired {
  const desired = labState(`vms: { web: { node: ${node}, ${words} } }`)
  const machines = desired.machines.map((machine) => ({ ...machine, storage: { images: 'local', disks: storage } }))
  return { ...desired, project, machines }
}

async function apply(desired: Desired, move = false): Promise<Ran> {
  const ran = await runner().apply(desired, { move })
  expect(failures(ran)).toEqual([])
  return ran
}

async function problemsOf(desired: Desired): Promise<readonly string[]> {
  const { plan } = await runner().apply(desired, { move: true })
  expect(plan.machines).toMatchObject([{ action: 'blocked' }])
  return plan.problems.map(({ message, hint }) => `${message} ${hint}`)
}

const done = ({ summary }: Ran) => summary.filter((line) => !line.endsWith(' kept'))

async function placeOf(ran: Ran): Promise<{ readonly node: string; readonly config: Record<string, unknown> }> {
  const vmid = ran.plan.machines[0]?.vmid
  const guest = (await lab.guests()).find((one) => one.vmid === vmid)
  if (guest === undefined) throw new Error('no machine')
  return { node: guest.node, config: await lab.config(guest.vmid, guest.node) }
}

describe('a machine that the manifest names on another node', () => {
  it.each([
    ['stopped, on a shared storage', { storage: 'nas' }],
    ['running, on a shared storage', { storage: 'nas', words: 'start: true' }],
    ['stopped, with a full clone on a local storage', { words: 'fullClone: true' }],
    ['running, with a full clone on a local storage', { words: 'start: true, fullClone: true' }],
  ])('moves there: %s', async (what, wanted) => {
    const project = what.replaceAll(/\W+/g, '-')
    await apply(state(project, wanted))
    const ordinary = await apply(state(project, { ...wanted, node: 'pve2' }))
    expect(done(ordinary)).toEqual([])
    const moved = await apply(state(project, { ...wanted, node: 'pve2' }), true)
    expect(done(moved)).toEqual(['move:web done'])
    expect(moved.plan.machines).toMatchObject([
      { action: 'move', changes: [{ key: 'node', before: 'pve1', after: 'pve2' }] },
    ])
    expect((await placeOf(moved)).node).toBe('pve2')
    expect(done(await apply(state(project, { ...wanted, node: 'pve2' }), true))).toEqual([])
  })

  it('stays with a linked clone on a local storage, and the plan names ways on', async () => {
    await apply(state('linked'))
    expect(await problemsOf(state('linked', { node: 'pve2' }))).toEqual([
      expect.stringMatching(/its disk scsi0 is a linked clone on the local storage local.*--replace web/s),
    ])
  })

  it('leaves with a linked clone that moves to a shared storage first', async () => {
    await apply(state('freed'))
    const ran = await apply(state('freed', { node: 'pve2', storage: 'nas' }), true)
    expect(done(ran)).toEqual(['move-disks:web done', 'move:web done'])
    const { node, config } = await placeOf(ran)
    expect(node).toBe('pve2')
    expect(config.scsi0).toMatch(/^nas:/)
  })

  it('moves its disks on the new node if only that has their storage', async () => {
    await apply(state('later', { words: 'fullClone: true' }))
    const ran = await apply(state('later', { node: 'pve2', storage: 'two', words: 'fullClone: true' }), true)
    expect(done(ran)).toEqual(['move:web done', 'move-disks:web done'])
    const { node, config } = await placeOf(ran)
    expect(node).toBe('pve2')
    expect(config.scsi0).toMatch(/^two:/)
  })

  it('stays if the other node lacks its storage', async () => {
    await apply(state('lacking', { storage: 'one', words: 'fullClone: true' }))
    expect(await problemsOf(state('lacking', { node: 'pve2', storage: 'one', words: 'fullClone: true' }))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/cannot move to pve2: pve2 has no storage one.*such as local, nas/),
      ]),
    )
  })

  it('stays while it is locked', async () => {
    await apply(state('locked', { storage: 'nas' }))
    const { guests } = await runner().observe(state('locked'))
    const guest = guests.find(({ marker }) => marker.kind === 'machine')
    const machine = lab.simulator.world.machines.find(guest?.vmid ?? 0)
    machine?.config.values.set('lock', 'backup')
    expect(await problemsOf(state('locked', { node: 'pve2', storage: 'nas' }))).toEqual([
      expect.stringMatching(/cannot move to pve2: it is locked \(backup\)/),
    ])
    machine?.config.values.delete('lock')
  })
})
