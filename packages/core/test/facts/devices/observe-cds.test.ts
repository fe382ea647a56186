import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { observeUnusedCds } from '../../../src/facts/devices/observe-cds.ts'
import type { Facts } from '../../../src/facts/facts.ts'
import { makePrunePlan } from '../../../src/plan/make-prune-plan.ts'
import { systemClock } from '../../../src/ports/clock.ts'
import { layeredState } from '../../support/given.ts'
import { createLab, type Lab } from '../../support/machine-lab.ts'

const DESIRED = layeredState('images: { ready: { from: fast, build: {} } }\nvms: { web: {} }')
const CD = `web-seed-${'a'.repeat(16)}.iso`
const HOUR_MS = 3_600_000

let lab: Lab
let folder: string
beforeAll(async () => {
  lab = await createLab()
  folder = join(lab.simulator.dataDirectory, 'nodes/pve1/var/lib/vz/template/iso')
  mkdirSync(folder, { recursive: true })
})
afterAll(() => lab.close())
afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name))
})

function put(...names: readonly string[]): void {
  for (const name of names) writeFileSync(join(folder, name), 'x')
}

/** The plan of `images prune`, some hours after the files were stored. */
async function plan(hours = 2, change: (facts: Facts) => Partial<Facts> = () => ({})) {
  const runner = lab.runner()
  const { world } = runner
  const observed = await runner.observe(DESIRED)
  const facts = { ...observed, volumes: new Map([['pve1/local', []]]), ...change(observed) }
  const later = { ...world, clock: { ...systemClock, now: () => systemClock.now() + hours * HOUR_MS } }
  const { steps, notes } = makePrunePlan(DESIRED, facts, await observeUnusedCds(DESIRED, facts, later))
  const volumes = steps.flatMap((step) => (step.kind === 'remove-volume' ? [step.volid] : []))
  return { volumes, notes: notes.filter((note) => /CD|No guest/.test(note)) }
}

describe('images prune', () => {
  it('removes a cloud-init CD that no guest uses, and no other file', async () => {
    put(CD, `somebody-seed-${'b'.repeat(16)}.iso`, 'debian.iso', 'web-seed-notes.iso')
    expect(await plan()).toEqual({ volumes: [`local:iso/${CD}`], notes: [] })
  })

  it('removes the CD with the recipe of a build whose VM was removed by hand', async () => {
    const recipe = `ready-build-seed-${'c'.repeat(16)}.iso`
    put(recipe, `other-build-seed-${'c'.repeat(16)}.iso`)
    expect((await plan()).volumes).toEqual([`local:iso/${recipe}`])
  })

  it('keeps one that was stored a moment ago: another run may be about to attach it', async () => {
    put(CD)
    expect((await plan(0)).volumes).toEqual([])
  })

  it('keeps one that a guest has in a drive, also a guest of someone else', async () => {
    put(CD)
    await lab.task('POST', '/nodes/pve1/qemu', { vmid: 990, name: 'other', ide0: `local:iso/${CD},media=cdrom` })
    expect((await plan()).volumes).toEqual([])
    await lab.task('DELETE', '/nodes/pve1/qemu/990')
    expect((await plan()).volumes).toHaveLength(1)
  })

  it('keeps one that a snapshot may name', async () => {
    put(CD)
    await lab.task('POST', '/nodes/pve1/qemu', { vmid: 990, name: 'web', scsi0: 'local:1,format=qcow2' })
    await lab.task('POST', '/nodes/pve1/qemu/990/snapshot', { snapname: 'before' })
    expect((await plan()).volumes).toEqual([])
    await lab.task('DELETE', '/nodes/pve1/qemu/990')
  })

  it('keeps all CDs, with a note, if the token does not see every guest', async () => {
    put(CD)
    const few = (facts: Facts) => ({
      cluster: {
        ...facts.cluster,
        permissions: { '/storage/local': { 'Datastore.Allocate': 1, 'Datastore.Audit': 1 } },
      },
    })
    expect(await plan(2, few)).toEqual({
      volumes: [],
      notes: ['CDs are left alone: this token does not see all guests, so one of them may use a CD.'],
    })
  })

  it('says how to remove a CD if the token may not', async () => {
    put(CD)
    const auditor = (facts: Facts) => ({ cluster: { ...facts.cluster, permissions: { '/vms': { 'VM.Audit': 1 } } } })
    expect(await plan(2, auditor)).toEqual({
      volumes: [],
      notes: [expect.stringMatching(/^No guest uses local:iso\/web-seed-a+\.iso\. .* pvesm free VOLUME$/)],
    })
  })
})
