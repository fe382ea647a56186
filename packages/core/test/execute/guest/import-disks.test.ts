// Additional disks that start with an image: imported once, grown to the declared size, and never created again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Desired } from '../../../src/manifest/manifest.ts'
import { makePlan } from '../../../src/plan/make-plan.ts'
import { createLab, failures, type Lab, labState, orphanedVolumes } from '../../support/machine-lab.ts'

let lab: Lab

beforeAll(async () => {
  lab = await createLab()
})
afterAll(() => lab.close())

const runner = () => lab.runner()
const state = (project: string, disks: string, words = ''): Desired => ({
  ...labState(`vms: { ${project}: { disks: [${disks}], ${words} } }`),
  project,
})

async function configOf(name: string): Promise<Record<string, unknown>> {
  const guest = (await lab.guests()).find((one) => one.name === name)
  if (guest === undefined) throw new Error(`no ${name}`)
  return lab.config(guest.vmid, guest.node)
}

const TWO = '{ image: fast, size: 128 MiB, discard: true }, { image: fast, bus: virtio }'

describe('a further disk that starts with an image', () => {
  it('is created from its volume, with its options and its size, and then not changed', async () => {
    const first = await runner().apply(state('made', TWO))
    expect(failures(first)).toEqual([])
    const config = await configOf('made')
    expect(config.scsi1).toMatch(/^local:\d+\/vm-\d+-disk-\d+\.qcow2,.*discard=on.*size=128M|size=128M.*discard=on/)
    expect(config.virtio0).toMatch(/size=64M/)
    expect(JSON.stringify(config)).not.toContain('import-from')
    const second = await runner().apply(state('made', TWO))
    expect(second.summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
  })

  it('is added to an existing machine, and names its image', async () => {
    await runner().apply(state('added', ''))
    const desired = state('added', '{ image: fast, size: 96 MiB }')
    const facts = await runner().observe(desired)
    const { machines } = makePlan(desired, facts)
    expect(machines[0]?.changes).toEqual([{ key: 'disks[0]', after: 'fast on local', when: 'now' }])
    expect(failures(await runner().apply(desired))).toEqual([])
    expect((await configOf('added')).scsi1).toMatch(/size=96M/)
  })

  it('is not created again when its image changes, and is moved to a successor', async () => {
    await runner().apply(state('kept', '{ image: fast, size: 80 MiB }'))
    const plain = state('kept', '{ size: 80 MiB }')
    expect((await runner().apply(plain)).summary).toContain('create:kept kept')
    const replaced = await runner().apply(state('kept', '{ image: fast, size: 80 MiB }'), { replace: ['kept'] })
    expect(failures(replaced)).toEqual([])
    expect((await configOf('kept')).scsi1).toMatch(/size=80M/)
    expect(await orphanedVolumes(lab)).toEqual([])
  })

  it('that is smaller than its image is a problem of the plan', async () => {
    const { plan } = await runner().apply(state('small', '{ image: fast, size: 32 MiB }'))
    expect(plan.problems.map(({ message }) => message)).toEqual([
      'The disk scsi1 of small would have 32 MiB, but fast needs 64 MiB.',
    ])
  })

  it('exists once, where a run is killed after any of some requests', async () => {
    for (let requests = 3; ; requests += 7) {
      const desired = state(`kill-${requests}`, TWO)
      const killed = await lab.runner({ dieAfter: requests }).apply(desired)
      expect(failures(await runner().apply(desired)), `killed with request ${requests}`).toEqual([])
      const config = await configOf(`kill-${requests}`)
      expect([config.scsi1, config.virtio0].map((drive) => /size=\w+/.exec(String(drive))?.[0])).toEqual([
        'size=128M',
        'size=64M',
      ])
      expect(Object.keys(config).filter((key) => /^(unused|scsi[2-9])/.test(key))).toEqual([])
      await runner().destroy(desired)
      expect(await orphanedVolumes(lab), `killed with request ${requests}`).toEqual([])
      if (failures(killed).length === 0) break
    }
  })
})
