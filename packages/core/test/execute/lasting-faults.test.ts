// Faults that outlast a call: tasks that fail or never end, full storages, a node or a certificate that changes midway.
// After each of them, the next run reaches the desired state.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Desired } from '../../src/manifest/manifest.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import type { Clock } from '../../src/ports/world.ts'
import {
  briskClock,
  createLab,
  failures,
  fastClock,
  type Lab,
  type LabOptions,
  labState,
  orphanedVolumes,
  type Ran,
} from '../support/machine-lab.ts'

const STATE = labState('vms: { web: { cores: 2, disk: 128 MiB, network: { bridge: vmbr0 }, start: true } }')

let lab: Lab

/** One lab for tests that leave nothing behind except the machine. */
function shareLab(): void {
  beforeAll(() => open())
  afterAll(() => lab.close())
  afterEach(async () => {
    lab.simulator.faults.clear()
    for (const { vmid, node } of (await lab.guests()).filter((guest) => guest.name === 'web')) {
      await lab.task('POST', `/nodes/${node}/qemu/${vmid}/status/stop`)
      await lab.task('DELETE', `/nodes/${node}/qemu/${vmid}`)
    }
  })
}

/** A lab in which the template exists. */
async function open(options: LabOptions = {}): Promise<void> {
  lab = await createLab({ ...options, latency: { statusMs: 0, ...(options.latency as object) } })
  expect(failures(await lab.runner().apply(labState('vms: { first: {} }')))).toEqual([])
}

async function apply(desired: Desired = STATE, clock: Clock = briskClock()): Promise<Ran> {
  return lab.runner({ clock }).apply(desired)
}

const STATUS_OF_A_TASK = '/nodes/pve1/tasks/*/status'

interface Asked {
  readonly clock: Clock
  readonly desired: Desired
  readonly asked: string
}

/** Makes a plan and runs it. `happens` is called when the run makes this request. */
async function applyWhile(
  happens: () => unknown,
  { clock = briskClock(), desired = STATE, asked = STATUS_OF_A_TASK }: Partial<Asked> = {},
): Promise<Ran> {
  const runner = lab.runner({ clock })
  const facts = await runner.observe(desired)
  const look = lab.simulator.requests.hold({ method: 'GET', path: asked })
  const running = runner.execute(desired, facts, makePlan(desired, facts))
  await look.arrived
  await happens()
  look.release()
  return running
}

async function isRight(node = 'pve1', name = 'web'): Promise<void> {
  const found = (await lab.guests()).filter((guest) => guest.name === name)
  expect(found).toMatchObject([{ node }])
  const { vmid = 0 } = found[0] ?? {}
  const config = await lab.config(vmid, node)
  expect(config).toMatchObject({ cores: 2, scsi0: expect.stringContaining('size=128M') })
  expect(config.lock).toBeUndefined()
  const { status } = await lab.call<{ status: string }>('GET', `/nodes/${node}/qemu/${vmid}/status/current`)
  expect(status).toBe('running')
  expect(await orphanedVolumes(lab, node)).toEqual([])
}

async function nextRunFinishes(): Promise<void> {
  lab.simulator.faults.clear()
  expect(failures(await apply())).toEqual([])
  await isRight()
  expect((await apply()).summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
}

const stop = (upid: string) => lab.call('DELETE', `/nodes/pve1/tasks/${upid}`)

const TASKS = [
  ['clone', '/nodes/*/qemu/*/clone'],
  ['start', '/nodes/*/qemu/*/status/start'],
] as const

describe('a task that ends badly', () => {
  shareLab()

  it.each(TASKS)('%s, with an error: fails its step with the text of the log', async (_, path) => {
    lab.simulator.faults.add({ action: 'fail-task', path, reason: 'a bad day', count: 1 })
    expect(failures(await apply()).join()).toMatch(/TASK Task qm\w+ \d+ on node pve1 failed: .*a bad day/)
    await nextRunFinishes()
  })

  it.each(TASKS)('%s, with a warning: succeeds, and the warning is reported', async (_, path) => {
    lab.simulator.faults.add({ action: 'warn-task', path, reason: 'a grey day', count: 1 })
    const ran = await apply()
    expect(failures(ran)).toEqual([])
    expect(ran.outcomes.flatMap(({ result }) => result?.warnings ?? []).join()).toMatch(
      /^Task qm\w+ \d+ on node pve1: WARN: a grey day$/,
    )
    await nextRunFinishes()
  })
})

describe('a machine that disappears during its removal', () => {
  afterEach(() => lab.close())

  it.each([
    ['GET', /\/status\/current$/],
    ['DELETE', /\/qemu\/\d+$/],
  ] as const)('at a %s: counts as removed', async (method, path) => {
    let isArmed = false
    await open({
      onRequest(request) {
        const vmid = Number(/\/qemu\/(\d+)/.exec(request.path)?.[1])
        const machine = lab.simulator.world.machines.find(vmid)
        if (
          isArmed &&
          request.method === method &&
          path.test(request.path) &&
          machine?.config.values.get('name') === 'web'
        )
          lab.simulator.world.machines.remove(machine)
      },
    })
    await apply(labState('vms: { web: {} }'))
    isArmed = true
    const runner = lab.runner()
    expect(failures(await runner.destroy(labState('vms: { web: {} }')))).toEqual([])
    expect((await lab.guests()).filter(({ name }) => name === 'web')).toEqual([])
  })
})

describe('a task that never ends', () => {
  const faster = () => fastClock(4_000)
  const upidIn = (text: string) => /UPID:[^\s)]+/.exec(text)?.[0] ?? ''
  shareLab()

  it.each(TASKS)('%s: is given up with its UPID; once the task is stopped, the next run finishes', async (_, path) => {
    lab.simulator.faults.add({ action: 'hang-task', path, count: 1 })
    const ran = await apply(STATE, faster())
    expect(failures(ran).join()).toMatch(
      /TASK Task qm\w+ \d+ on node pve1 is running but has logged nothing for \d+ min \(UPID:pve1:.*The run no longer waits for it/,
    )
    expect(ran.notes.join()).toContain('has logged nothing for 1')
    await stop(upidIn(failures(ran).join()))
    await nextRunFinishes()
  })

  it('clone: the next run waits for the same task, and creates no second machine', async () => {
    lab.simulator.faults.add({ action: 'hang-task', path: '/nodes/*/qemu/*/clone', count: 1 })
    const first = failures(await apply(STATE, faster())).join()
    expect(failures(await apply(STATE, faster())).join()).toContain(upidIn(first))
    expect((await lab.guests()).filter(({ template }) => !template)).toHaveLength(2)
    const ran = await applyWhile(() => stop(upidIn(first)), { asked: '/nodes/pve1/tasks' })
    expect(failures(ran)).toEqual([])
    await nextRunFinishes()
  })

  it('is named when the run is interrupted, and found by the next one', async () => {
    lab.simulator.faults.add({ action: 'hang-task', path: '/nodes/*/qemu/*/clone', count: 1 })
    const runner = lab.runner()
    const facts = await runner.observe(STATE)
    const interruption = new AbortController()
    const look = lab.simulator.requests.next({ method: 'GET', path: STATUS_OF_A_TASK })
    const running = runner.execute(STATE, facts, makePlan(STATE, facts), interruption.signal)
    await look
    interruption.abort()
    const words = failures(await running).join()
    expect(words).toMatch(/qmclone \d+ on node pve1 continues in Proxmox \(UPID:pve1:/)
    await stop(upidIn(words))
    await nextRunFinishes()
  })
})

describe('a storage that is full', () => {
  afterEach(() => lab.close())
  const FULL = { storages: [{ id: 'local' }, { id: 'tight', sizeBytes: 1024 ** 4 }] }
  const tightState = (tail: string) => {
    const desired = labState(tail)
    const machines = desired.machines.map((machine) => ({ ...machine, storage: { images: 'local', disks: 'tight' } }))
    return { ...desired, machines }
  }
  const desired = tightState('vms: { web: { cores: 2, disk: 128 MiB, network: { bridge: vmbr0 }, start: true } }')

  it('when an image is imported: is reported, nothing is left, and the next run finishes once there is space', async () => {
    await open(FULL)
    const runner = lab.runner()
    const facts = await runner.observe(desired)
    lab.simulator.world.storageSizes.set('tight', 1)
    expect(failures(await runner.execute(desired, facts, makePlan(desired, facts))).join()).toMatch(
      /^template:\S+: TASK Task qmcreate \d+ on node pve1 failed: no space is left on the storage: unable to create VM/,
    )
    expect((await lab.guests()).map(({ name }) => name)).toEqual(['first', expect.stringMatching(/^tpl-/)].sort())
    lab.simulator.world.storageSizes.set('tight', 1024 ** 4)
    expect(failures(await apply(desired))).toEqual([])
    await isRight()
  })

  it('when a disk is added to a machine: the same', async () => {
    await open({ storages: [{ id: 'local' }, { id: 'tight', type: 'lvm', sizeBytes: 1024 ** 4 }] })
    const more = labState(
      'vms: { web: { cores: 2, disk: 128 MiB, disks: [{ size: 1 GiB, storage: tight }], network: { bridge: vmbr0 }, start: true } }',
    )
    const runner = lab.runner()
    const facts = await runner.observe(more)
    lab.simulator.world.storageSizes.set('tight', 1)
    const ran = await runner.execute(more, facts, makePlan(more, facts))
    expect(failures(ran).join()).toMatch(/no space is left on the storage: .*not enough free space/)
    lab.simulator.world.storageSizes.set('tight', 1024 ** 4)
    expect(failures(await apply(more))).toEqual([])
    await isRight()
  })
})

describe('midway', () => {
  afterEach(() => lab.close())

  it('a node becomes unreachable: its machines fail and name the task, the others continue; the next run finishes', async () => {
    await open()
    const both = labState(
      'vms: { web: { cores: 2, disk: 128 MiB, network: { bridge: vmbr0 }, start: true }, far: { cores: 2, disk: 128 MiB, node: pve2, start: true } }',
    )
    expect(failures(await apply(labState('vms: { second: { node: pve2 } }')))).toEqual([])
    const far = lab.simulator.world.nodes.get('pve2')
    if (far === undefined) throw new Error('no node')
    const ran = await applyWhile(
      () => {
        far.online = false
        far.refusing = true
      },
      { clock: fastClock(200), desired: both, asked: '/nodes/pve2/tasks/*/status' },
    )
    expect(failures(ran)).toEqual([
      expect.stringMatching(
        /^create:far: UNREACHABLE Node pve2 has been unreachable for \d+ s; the result of Task qmclone \d+ on node pve2 is not known/,
      ),
    ])
    expect(ran.summary).toEqual(expect.arrayContaining(['create:web done', 'start:web done', 'start:far blocked']))
    far.online = true
    far.refusing = false
    expect(failures(await apply(both))).toEqual([])
    await isRight()
    await isRight('pve2', 'far')
  })

  it('the certificate changes: no more requests are sent; with the new one, the next run finishes', async () => {
    await open()
    lab.simulator.faults.add({ action: 'hang-task', path: '/nodes/*/qemu/*/clone', count: 1 })
    const old = lab.simulator.fingerprint
    let fingerprint = ''
    const ran = await applyWhile(async () => {
      fingerprint = await lab.simulator.renewCertificate()
    })
    expect(failures(ran)).toEqual([
      expect.stringMatching(/^create:web: TLS The certificate of Proxmox changed during the run, from/),
    ])
    expect(failures(ran).join()).toContain(old)
    expect(failures(ran).join()).toContain('while waiting for Task qmclone')
    lab.trust(fingerprint)
    const [clone] = await lab.call<readonly { upid: string }[]>('GET', '/nodes/pve1/tasks', { source: 'active' })
    await stop(clone?.upid ?? '')
    await nextRunFinishes()
  })
})
