// Tests disks of existing machines against the simulator: moved to other storages, detached, removed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readMarker } from '../../../src/facts/cluster/marker.ts'
import type { Desired } from '../../../src/manifest/manifest.ts'
import type { PlanOptions } from '../../../src/plan/make-plan.ts'
import { createLab, failures, type Lab, labState, type Ran } from '../../support/machine-lab.ts'

let lab: Lab

beforeAll(async () => {
  lab = await createLab({
    storages: [
      { id: 'local' },
      { id: 'fast' },
      { id: 'thin', type: 'lvmthin' },
      { id: 'nas', type: 'nfs' },
      { id: 'one', nodes: ['pve1'] },
    ],
    latency: { cloneMs: 10, createMs: 10, templateMs: 10, startMs: 5, statusMs: 0 },
  })
})
afterAll(() => lab.close())

const runner = () => lab.runner()

interface Wanted {
  readonly disks?: string
  readonly storage?: string
  readonly words?: string
}

/** Returns the desired state of a project with the machine `web` and its disks. */
function state(project: string, { disks = '[{ size: 64 MiB }]', storage = 'local', words = '' }: Wanted = {}): Desired {
  const tail = `vms: { web: { disks: ${disks}, ${words} } }`
  const desired = { ...labState(tail), project }
  return {
    ...desired,
    machines: desired.machines.map((machine) => ({ ...machine, storage: { images: 'local', disks: storage } })),
  }
}

async function apply(desired: Desired, options?: PlanOptions): Promise<Ran> {
  const ran = await runner().apply(desired, options)
  expect(failures(ran)).toEqual([])
  return ran
}

interface Seen {
  readonly vmid: number
  readonly node: string
  readonly config: Record<string, unknown>
}

async function machine(project: string): Promise<Seen> {
  for (const { vmid, node } of await lab.guests()) {
    const config = await lab.config(vmid, node)
    const marker = readMarker(config.description, vmid)
    if (marker?.project === project && marker.kind === 'machine') return { vmid, node, config }
  }
  throw new Error(`no machine of ${project}`)
}

async function volumes({ vmid, node }: Seen, storage: string): Promise<readonly string[]> {
  const rows = await lab.call<readonly { volid: string }[]>('GET', `/nodes/${node}/storage/${storage}/content`, {
    vmid,
  })
  return rows.map(({ volid }) => volid).sort()
}

const done = ({ summary }: Ran) => summary.filter((line) => !line.endsWith(' kept'))

describe('a disk on another storage than declared', () => {
  it.each([
    ['stopped', ''],
    ['running', 'start: true,'],
  ])('stays in an ordinary apply, and moves on request: %s', async (power, words) => {
    const project = `move-${power}`
    await apply(state(project, { words }))
    const before = await machine(project)
    const wanted = state(project, { words, storage: 'fast' })
    const ordinary = await apply(wanted)
    expect(done(ordinary)).toEqual([])
    expect(ordinary.plan.machines[0]?.differences).toMatchObject([
      { key: 'storage.disks', is: 'local', declared: 'fast' },
      { key: 'disks[0].storage', is: 'local', declared: 'fast' },
    ])

    const moved = await apply(wanted, { move: true })
    expect(done(moved)).toEqual(['move-disks:web done'])
    expect(moved.plan.machines).toMatchObject([{ action: 'move' }])
    expect(moved.plan.machines[0]?.changes.slice(0, 2)).toEqual([
      { key: 'storage.disks', before: 'local', after: 'fast', when: 'now', impact: 'full-copy' },
      { key: 'disks[0].storage', before: 'local', after: 'fast', when: 'now' },
    ])
    const after = await machine(project)
    expect([after.config.scsi0, after.config.scsi1].every((drive) => String(drive).startsWith('fast:'))).toBe(true)
    expect(Object.keys(after.config).filter((key) => key.startsWith('unused'))).toEqual([])
    const left = await volumes(before, 'local')
    expect(left).toEqual(power === 'running' ? [expect.stringContaining('cloudinit')] : [])
    const again = await apply(wanted, { move: true })
    expect(done(again)).toEqual([])
  })

  it('becomes raw where the storage supports no other format, and the plan says so', async () => {
    await apply(state('to-raw'))
    const { plan } = await apply(state('to-raw', { storage: 'thin' }), { move: true })
    expect(plan.steps.find(({ kind }) => kind === 'move-disks')?.why).toMatch(
      /scsi0 from local to thin, as a full copy of 64 MiB, as raw; scsi1 from local to thin/,
    )
    expect(String((await machine('to-raw')).config.scsi0)).toMatch(/^thin:/)
  })

  it('is moved before its other changes, in one run', async () => {
    await apply(state('both', { words: 'cores: 1,' }))
    const wanted = state('both', { storage: 'fast', disks: '[{ size: 128 MiB, serial: data }]', words: 'cores: 2,' })
    const ran = await apply(wanted, { move: true })
    expect(done(ran)).toEqual(['move-disks:web done', 'update:web done'])
    const { config } = await machine('both')
    expect(config).toMatchObject({ cores: 2, scsi1: expect.stringMatching(/^fast:.*serial=data.*size=128M/) })
    expect(done(await apply(wanted))).toEqual([])
  })

  it('stays while a snapshot uses it, and the plan names the snapshot', async () => {
    const disks = '[]'
    await apply(state('held', { disks }))
    const { vmid } = await machine('held')
    await lab.task('POST', `/nodes/pve1/qemu/${vmid}/snapshot`, { snapname: 'before' })
    const { plan } = await runner().apply(state('held', { disks, storage: 'fast' }), { move: true })
    expect(plan.machines).toMatchObject([{ action: 'blocked' }])
    expect(plan.problems.map(({ message }) => message)).toEqual(
      expect.arrayContaining([expect.stringMatching(/cannot move to fast: the snapshot before would lose it/)]),
    )
    expect(plan.problems[0]?.hint).toContain(`qm delsnapshot ${vmid} before`)
  })

  it('stays while its changes wait for a restart', async () => {
    await apply(state('waiting', { words: 'start: true,' }))
    const cached = { words: 'start: true,', disks: '[{ size: 64 MiB, cache: writeback }]' }
    await apply(state('waiting', cached))
    const { plan } = await runner().apply(state('waiting', { ...cached, storage: 'fast' }), { move: true })
    expect(plan.problems.map(({ message }) => message)).toEqual(
      expect.arrayContaining([expect.stringMatching(/The disk scsi1 .* cannot move to fast while its changes wait/)]),
    )
    const ran = await apply(state('waiting', cached), { restart: true })
    expect(done(ran)).toEqual(['restart:web done'])
    await apply(state('waiting', { ...cached, storage: 'fast' }), { move: true })
    expect(String((await machine('waiting')).config.scsi1)).toMatch(/^fast:.*cache=writeback/)
  })

  it('stays where the storage does not support disks', async () => {
    await lab.call('POST', '/storage', { storage: 'isos', type: 'dir', path: '/mnt/isos', content: 'iso' })
    await apply(state('content'))
    const { plan } = await runner().apply(state('content', { storage: 'isos' }), { move: true })
    expect(plan.problems).toMatchObject([{ message: 'Storage isos does not have the content type images.' }])
    await lab.call('DELETE', '/storage/isos')
  })

  it('is reported as left behind where Proxmox could not remove it', async () => {
    await apply(state('left'))
    const { config } = await machine('left')
    const old = String(config.scsi1).split(',')[0]
    const one = runner()
    const { pve } = one.world
    const withOld: typeof pve.request = async (method, path, options) =>
      method === 'GET' && path === '/nodes/pve1/storage/local/content' && options?.parameters?.vmid !== undefined
        ? ([{ volid: old }] as never)
        : pve.request(method, path, options)
    Object.assign(one.world, { pve: { ...pve, request: withOld } })
    const { outcomes } = await one.apply(state('left', { storage: 'fast' }), { move: true })
    const warnings = outcomes.flatMap(({ result }) => result?.warnings ?? [])
    expect(warnings).toEqual([
      expect.stringMatching(new RegExp(`^${old} was copied, but Proxmox could not remove the original`)),
    ])
  })
})

describe('a disk that is no longer declared', () => {
  it.each([
    ['stopped', ''],
    ['running', 'start: true,'],
  ])('is detached and kept, and removed on request: %s', async (power, words) => {
    const project = `gone-${power}`
    await apply(state(project, { words }))
    const { config } = await machine(project)
    const volume = String(config.scsi1).split(',')[0]
    const wanted = state(project, { words, disks: '[]' })
    const detached = await apply(wanted)
    expect(done(detached)).toEqual(['update:web done'])
    expect(detached.plan.machines[0]?.changes).toEqual([
      { key: 'disks[scsi1]', before: '64 MiB on local', when: 'now', impact: 'detached' },
    ])
    expect((await machine(project)).config).toMatchObject({ unused0: volume })
    expect((await machine(project)).config.scsi1).toBeUndefined()

    const kept = await apply(wanted)
    expect(done(kept)).toEqual([])
    expect(kept.plan.machines[0]?.unused).toEqual([{ key: 'unused0', volume, was: 'scsi1' }])
    expect(kept.plan.notes.join()).toContain(`web keeps an unused disk (unused0: ${volume})`)

    const pruned = await apply(wanted, { prune: true })
    expect(done(pruned)).toEqual(['remove-disks:web done'])
    expect(pruned.plan.machines).toMatchObject([
      { action: 'update', changes: [{ key: 'disks[unused0]', before: volume, when: 'now', impact: 'data-loss' }] },
    ])
    const after = await machine(project)
    expect(after.config.unused0).toBeUndefined()
    expect(readMarker(after.config.description)?.detached).toBeUndefined()
    expect(await volumes(after, 'local')).not.toContain(volume)
    expect(done(await apply(wanted, { prune: true }))).toEqual([])
  })

  it('is removed at once with --prune, and the plan says so before', async () => {
    await apply(state('lost'))
    const ran = await apply(state('lost', { disks: '[]' }), { prune: true })
    expect(done(ran)).toEqual(['update:web done', 'remove-disks:web done'])
    expect(ran.plan.machines[0]?.changes).toMatchObject([{ key: 'disks[scsi1]', impact: 'data-loss' }])
    const after = await machine('lost')
    expect(Object.keys(after.config).filter((key) => /^(unused|scsi)\d/.test(key))).toEqual(['scsi0'])
  })

  it('waits for a restart where the guest does not release it, is listed until then, and then removed', async () => {
    const deaf = await createLab({ storages: [{ id: 'local' }], guests: { hotplug: false } })
    try {
      const [words, one] = ['start: true,', deaf.runner()]
      await one.apply(state('deaf', { words }))
      const wanted = state('deaf', { words, disks: '[]' })
      const first = await one.apply(wanted, { prune: true })
      expect(failures(first)).toEqual([])
      expect(first.outcomes.flatMap(({ result }) => result?.warnings ?? []).join()).toMatch(
        /is detached at the next restart; an `apply --prune` after that removes it/,
      )
      const { plan } = await one.apply(wanted)
      expect(plan.machines[0]?.pending).toMatchObject([{ key: 'disks[scsi1]', when: 'restart' }])
      const last = await one.apply(wanted, { restart: true })
      expect(failures(last)).toEqual([])
      const pruned = await one.apply(wanted, { prune: true })
      expect(done(pruned)).toEqual(['remove-disks:web done'])
    } finally {
      await deaf.close()
    }
  })

  it('is created as a new one when it is declared again; the old one is not attached, and a note says so', async () => {
    await apply(state('again'))
    const old = String((await machine('again')).config.scsi1).split(',')[0]
    await apply(state('again', { disks: '[]' }))
    const back = await apply(state('again'))
    expect(back.plan.notes.join()).toMatch(
      /web: the disk at scsi1 will be a new one.*unused0 and is not attached again/,
    )
    const { config } = await machine('again')
    expect(config).toMatchObject({ unused0: old })
    expect(String(config.scsi1)).not.toContain(String(old))
  })

  it('is identified by its serial number, though it is not the last', async () => {
    const [a, b] = ['{ size: 64 MiB, serial: a }', '{ size: 32 MiB, serial: b }']
    await apply(state('serials', { disks: `[${a}, ${b}]` }))
    const before = await machine('serials')
    await apply(state('serials', { disks: `[${b}]` }))
    const after = await machine('serials')
    expect(after.config.scsi2).toBe(before.config.scsi2)
    expect(after.config).toMatchObject({ unused0: String(before.config.scsi1).split(',')[0] })
    expect(done(await apply(state('serials', { disks: `[${b}]` })))).toEqual([])
    // A third one takes the free position.
    await apply(state('serials', { disks: `[${b}, { size: 16 MiB, serial: c }]` }))
    expect((await machine('serials')).config).toMatchObject({ scsi1: expect.stringContaining('serial=c') })
  })

  it('of a protected machine is detached when the manifest removes the protection, in one run', async () => {
    await apply(state('guarded', { words: 'protection: true,' }))
    const { plan } = await runner().apply(state('guarded', { disks: '[]', words: 'protection: true,' }))
    expect(plan.machines).toMatchObject([{ action: 'blocked' }])
    const ran = await apply(state('guarded', { disks: '[]', words: 'protection: false,' }), { prune: true })
    expect(done(ran)).toEqual(['update:web done', 'remove-disks:web done'])
  })
})

describe('undeclared disks', () => {
  it('stay, attached or not, whatever the options', async () => {
    await apply(state('foreign'))
    const { vmid } = await machine('foreign')
    const config = `/nodes/pve1/qemu/${vmid}/config`
    await lab.task('POST', config, { scsi4: 'local:1', scsi5: 'local:1' })
    await lab.task('POST', config, { delete: 'scsi5' })
    const before = await machine('foreign')
    const ran = await apply(state('foreign'), { prune: true, move: true })
    expect(done(ran)).toEqual([])
    expect((await machine('foreign')).config).toEqual(before.config)
    expect(ran.plan.notes.join()).toMatch(/web keeps an unused disk .* that pve-provision did not detach; left alone/)
    expect(ran.plan.machines[0]?.differences).toMatchObject([{ key: 'disks[scsi4]' }])
  })
})

describe('a machine that is replaced while a disk is detached', () => {
  it('has it as an unused disk afterwards', async () => {
    await apply(state('swap', { disks: '[{ size: 64 MiB }, { size: 32 MiB }]' }))
    await apply(state('swap'), { replace: ['web'] })
    const { config } = await machine('swap')
    expect(config.scsi2).toBeUndefined()
    expect(Object.keys(config).filter((key) => key.startsWith('unused'))).toEqual(['unused0'])
    // Another replacement keeps it, and it can still be removed.
    await apply(state('swap'), { replace: ['web'] })
    const { plan } = await apply(state('swap'))
    expect(plan.machines[0]?.unused).toMatchObject([{ key: 'unused0', was: 'scsi2' }])
    expect(done(await apply(state('swap'), { prune: true }))).toEqual(['remove-disks:web done'])
  })
})

describe('a run that is killed', () => {
  it('at a request of moving, detaching and removing disks is completed by the next', async () => {
    const before = { disks: '[{ size: 64 MiB, serial: a }, { size: 32 MiB, serial: b }]' }
    const wanted = state('killed', { disks: '[{ size: 64 MiB, serial: a }]', storage: 'fast' })
    const options = { move: true, prune: true }
    // Each request in turn: `npm run check:kills -- --only disks`.
    for (let requests = 1; ; requests += 6) {
      await apply(state('killed', before), options)
      const killed = await lab.runner({ dieAfter: requests }).apply(wanted, options)
      const next = await runner().apply(wanted, options)
      expect(failures(next), `killed with request ${requests}`).toEqual([])
      const after = await machine('killed')
      expect(after.config).toMatchObject({
        scsi0: expect.stringMatching(/^fast:/),
        scsi1: expect.stringMatching(/^fast:.*serial=a/),
      })
      expect(Object.keys(after.config).filter((key) => /^(scsi2|unused)/.test(key))).toEqual([])
      expect(await volumes(after, 'local'), `killed with request ${requests}`).toEqual([])
      expect(done(await runner().apply(wanted, options))).toEqual([])
      if (failures(killed).length === 0) break
    }
  })
})
