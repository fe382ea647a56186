// Injected faults of the server: how a run handles them, and that the next run reaches the desired state.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { candidateVmids } from '../../src/facts/cluster/candidates.ts'
import { readMarker, writeDescription } from '../../src/facts/cluster/marker.ts'
import { UNFINISHED } from '../../src/plan/compare/spec-hash.ts'
import { makeDestroyPlan } from '../../src/plan/make-destroy-plan.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import {
  briskClock,
  createLab,
  failures,
  type Lab,
  labState,
  orphanedVolumes,
  type Ran,
} from '../support/machine-lab.ts'

let lab: Lab

beforeAll(async () => {
  lab = await createLab({ latency: { statusMs: 0 } })
  await lab.runner().apply(labState('vms: { first: {} }'))
})

afterAll(() => lab.close())
beforeEach(() => lab.simulator.faults.clear())

const STATE = labState('vms: { web: { cores: 2, disk: 128 MiB, network: { bridge: vmbr0 }, start: true } }')

afterEach(async () => {
  lab.simulator.faults.clear()
  for (const { vmid, node, template } of await lab.guests()) {
    if (template) continue
    await lab.task('POST', `/nodes/${node}/qemu/${vmid}/status/stop`).catch(() => undefined)
    await lab.task('DELETE', `/nodes/${node}/qemu/${vmid}`).catch(() => undefined)
  }
})

async function machines(name = 'web') {
  return (await lab.guests()).filter((guest) => guest.name === name)
}

async function theMachine(): Promise<number> {
  return (await machines())[0]?.vmid ?? 0
}

async function isRight(): Promise<void> {
  const found = await machines()
  expect(found).toHaveLength(1)
  const { vmid = 0, node } = found[0] ?? {}
  expect(await lab.config(vmid, node)).toMatchObject({ cores: 2, scsi0: expect.stringContaining('size=128M') })
  expect(await orphanedVolumes(lab)).toEqual([])
}

type Fault = Parameters<Lab['simulator']['faults']['add']>[0]

/** Makes a run that meets each of these faults once, then one without, which must reach the desired state. */
async function withFaults(faults: readonly Fault[]): Promise<Ran> {
  for (const fault of faults) lab.simulator.faults.add({ count: 1, ...fault })
  const ran = await lab.runner().apply(STATE)
  expect(lab.simulator.faults.list().map(({ met }) => met)).toEqual(faults.map(() => 1))
  lab.simulator.faults.clear()
  const next = await lab.runner().apply(STATE)
  expect(failures(next)).toEqual([])
  await isRight()
  return ran
}

const CALLS = [
  ['clone', 'POST', '/nodes/*/qemu/*/clone'],
  ['config', 'PUT', '/nodes/*/qemu/*/config'],
  ['resize', 'PUT', '/nodes/*/qemu/*/resize'],
  ['start', 'POST', '/nodes/*/qemu/*/status/start'],
] as const

/** Makes a run in which each of the calls meets this fault once, and continues. */
async function survives(fault: Omit<Fault, 'method' | 'path'>): Promise<void> {
  const ran = await withFaults(CALLS.map(([, method, path]) => ({ ...fault, method, path })))
  expect(failures(ran)).toEqual([])
}

describe('a lost reply to each call', () => {
  it('after the effect: is resolved, and the run continues', () => survives({ action: 'drop-after' }))

  it('without an effect: the call is repeated once', () => survives({ action: 'drop-before' }))

  it.each([502, 596, 599])('by a %d of the proxy', (status) =>
    survives({ action: 'fail', status, reason: 'Connection timed out' }),
  )
})

describe('an error', () => {
  it.each(
    [500, 501, 503].flatMap((status) => CALLS.map(([name, method, path]) => [status, name, method, path] as const)),
  )(
    '%d to %s: fails the step with its sentence at the worst; the next run finishes',
    async (status, _, method, path) => {
      const ran = await withFaults([{ action: 'fail', method, path, status, reason: 'a bad day' }])
      for (const failure of failures(ran)) expect(failure).toMatch(/a bad day|Blocked|blocked/)
    },
  )

  it('"got no worker upid" to each call is no error: nothing was started', () =>
    survives({ action: 'fail', reason: 'got no worker upid - start worker failed' }))

  it('"got timeout" of a lock to each call is retried, and narrows the lanes', () =>
    survives({ action: 'fail', reason: "can't lock file '/var/lock/x' - got timeout" }))

  it('of a read is repeated', async () => {
    const read = { method: 'GET', path: '/nodes/*/qemu/*/config' } as const
    expect(failures(await withFaults([{ action: 'drop-before', ...read }]))).toEqual([])
  })
})

describe('a create that Proxmox could not start', () => {
  it('leaves an ID behind: it is reported, and the next candidate is used', async () => {
    const desired = labState('vms: { web: { image: fast } }')
    // Another project has its own templates.
    const other = { ...desired, project: 'other' }
    lab.simulator.faults.add({ action: 'no-worker', method: 'POST', path: '/nodes/*/qemu', count: 1 })
    const ran = await lab.runner().apply(other)
    expect(failures(ran)).toEqual([])
    expect(ran.notes.join()).toMatch(
      /left \d+ behind, locked \(create\)\. Remove it as root on pve1: qm unlock (\d+) && qm destroy \1/,
    )
  })
})

describe('a machine whose creation failed after its disks', () => {
  const desired = labState(
    'vms: { web: { disks: [{ size: 1 GiB }], bios: ovmf, boot: [scsi0, net0], network: { bridge: vmbr0 } } }',
  )

  it('is not marked as finished; the next run creates nothing twice', async () => {
    lab.simulator.faults.add({
      action: 'fail',
      method: 'PUT',
      path: '/nodes/*/qemu/*/config',
      reason: 'a bad day',
      count: 1,
    })
    expect(failures(await lab.runner().apply(desired))).toHaveLength(1)
    const vmid = await theMachine()
    const made = await lab.config(vmid)
    expect(made).toMatchObject({ scsi1: expect.stringContaining('size=1G'), efidisk0: expect.anything() })
    expect(readMarker(made.description)?.spec).toBe(UNFINISHED)
    expect(failures(await lab.runner().apply(desired))).toEqual([])
    const { scsi1, efidisk0 } = made
    const finished = await lab.config(vmid)
    expect(finished).toMatchObject({ scsi1, efidisk0, boot: 'order=scsi0;net0' })
    expect(readMarker(finished.description)?.spec).not.toBe(UNFINISHED)
  })
})

describe('someone else', () => {
  it('changes the config between plan and apply: their change stays, and the declared changes are applied', async () => {
    await lab.runner().apply(STATE)
    const runner = lab.runner()
    const desired = labState('vms: { web: { cores: 4, disk: 128 MiB, network: { bridge: vmbr0 } } }')
    const facts = await runner.observe(desired)
    const vmid = await theMachine()
    await lab.call('PUT', `/nodes/pve1/qemu/${vmid}/config`, { onboot: 1 })
    expect(failures(await runner.execute(desired, facts, makePlan(desired, facts)))).toEqual([])
    expect(await lab.config(vmid)).toMatchObject({ onboot: 1, cores: 4 })
  })

  it('changes it at the same moment: the digest detects it, and the config is read again', async () => {
    await lab.runner().apply(STATE)
    lab.simulator.faults.add({
      action: 'fail',
      path: '/nodes/*/qemu/*/config',
      method: 'POST',
      count: 1,
      reason: 'checksum mismatch (file change by other user?)',
    })
    const ran = await lab.runner().apply(labState('vms: { web: { cores: 4 } }'))
    expect(failures(ran)).toEqual([])
    const vmid = await theMachine()
    expect(await lab.config(vmid)).toMatchObject({ cores: 4 })
  })

  it('removes our tag: the machine is found by its name, and gets the tag again', async () => {
    await lab.runner().apply(STATE)
    const vmid = await theMachine()
    await lab.task('PUT', `/nodes/pve1/qemu/${vmid}/config`, { tags: 'theirs', cores: 7 })
    const ran = await lab.runner().apply(STATE)
    expect(ran.plan.steps.find(({ kind }) => kind === 'update')?.why).toContain('cores 7 → 2')
    expect(await lab.config(vmid)).toMatchObject({ cores: 2, tags: 'pve-provision;theirs' })
    await isRight()
  })

  it('rewrites the description: the machine is no longer ours, and another one is created only on request', async () => {
    await lab.runner().apply(STATE)
    const vmid = await theMachine()
    await lab.task('PUT', `/nodes/pve1/qemu/${vmid}/config`, { description: 'mine now' })
    const refused = await lab.runner().apply(STATE)
    expect(failures(refused).join()).toContain(`${vmid} on pve1 already has the name web, but no marker`)
    expect(failures(await lab.runner().apply(STATE, { allowNamesake: true }))).toEqual([])
    expect(await lab.config(vmid)).toMatchObject({ description: 'mine now' })
    await lab.task('POST', `/nodes/pve1/qemu/${vmid}/status/stop`)
    await lab.task('DELETE', `/nodes/pve1/qemu/${vmid}`)
    await isRight()
  })

  it('removes the template: it is created again', async () => {
    const template = (await lab.guests()).find((guest) => guest.template)
    await lab.task('DELETE', `/nodes/pve1/qemu/${template?.vmid}`)
    const ran = await lab.runner().apply(STATE)
    expect(failures(ran)).toEqual([])
    expect(ran.summary).toContain('template:fast@pve1/local done')
    await isRight()
  })

  it('removes the template during the plan: it is reported, and the next run creates it', async () => {
    const grown = labState(
      'vms: { web: { cores: 2, disk: 128 MiB, network: { bridge: vmbr0 } }, more: { fullClone: true } }',
    )
    await lab.runner().apply(STATE)
    await lab.task('POST', `/nodes/pve1/qemu/${await theMachine()}/status/stop`)
    await lab.task('DELETE', `/nodes/pve1/qemu/${await theMachine()}`)
    const runner = lab.runner()
    const facts = await runner.observe(grown)
    const template = (await lab.guests()).find((guest) => guest.template)
    await lab.task('DELETE', `/nodes/pve1/qemu/${template?.vmid}`)
    const ran = await runner.execute(grown, facts, makePlan(grown, facts))
    expect(failures(ran).join()).toMatch(/CONFLICT Template \d+ of fast was removed during the run/)
    expect(failures(await lab.runner().apply(grown))).toEqual([])
  })

  it('migrates the machine: it is found on its new node', async () => {
    await lab.runner().apply(STATE)
    const runner = lab.runner()
    const desired = labState('vms: { web: { cores: 2, disk: 128 MiB, network: { bridge: vmbr0 }, onBoot: true } }')
    const facts = await runner.observe(desired)
    const elsewhere = {
      ...facts,
      guests: facts.guests.map((guest) => (guest.name === 'web' ? { ...guest, node: 'pve2' } : guest)),
    }
    expect(failures(await runner.execute(desired, elsewhere, makePlan(desired, elsewhere)))).toEqual([])
    const vmid = await theMachine()
    expect(await lab.config(vmid)).toMatchObject({ onboot: 1 })
  })
})

describe('a guest whose creation does not end', () => {
  const FIXED = labState('vms: { web: { vmid: 4242 } }')

  /** The config that an interrupted create leaves: only the lock. */
  async function leaveBehind(vmid: number, description?: string): Promise<void> {
    await lab.task('POST', '/nodes/pve1/qemu', { vmid, ...(description && { description }) })
    const machine = lab.simulator.world.machines.find(vmid)
    machine?.config.values.set('lock', 'create')
  }

  it('without our mark: is treated as foreign after a while; the machine is created under the next ID', async () => {
    const desired = labState('vms: { web: { cores: 2, disk: 128 MiB, network: { bridge: vmbr0 } } }')
    const [first = 0, second = 0] = candidateVmids('lab', 'web', desired.vmids)
    await leaveBehind(first)
    const ran = await lab.runner({ clock: briskClock(1000) }).apply(desired)
    expect(failures(ran)).toEqual([])
    expect(ran.notes.join()).toMatch(/stays locked \(create\), but no task is running on it.*qm unlock/)
    expect((await machines()).map(({ vmid }) => vmid)).toEqual([second])
    lab.simulator.world.machines.find(first)?.config.values.delete('lock')
  })

  it('with our mark: is an error that says how to remove it', async () => {
    const marker = { project: 'lab', name: 'web', kind: 'machine', image: 'fast', base: '', spec: '' } as const
    await leaveBehind(4242, writeDescription(marker))
    // The wait lasts a quarter of an hour. Longer pauses make it a few questions.
    const brisk = briskClock(20_000)
    const clock = { ...brisk, sleep: (ms: number, signal?: AbortSignal) => brisk.sleep(ms * 20, signal) }
    const ran = await lab.runner({ clock }).apply(FIXED)
    expect(failures(ran).join()).toMatch(/CONFLICT 4242 on pve1 stays locked \(create\).*It is web/)
    lab.simulator.world.machines.find(4242)?.config.values.delete('lock')
  })
})

describe('an upload of cloud-init documents that meets another run’s', () => {
  const SEEDED = labState('vms: { seeded: { cloudInit: { userData: "#cloud-config" } } }')
  const target = '/var/lib/vz/template/iso/seeded.iso'
  const reason = `import failed: cp: cannot create regular file '${target}': File exists`

  it.each([
    [1, []],
    [9, [expect.stringContaining('File exists')]],
  ])('%d times is repeated, and finally given up', async (count, failed) => {
    lab.simulator.faults.add({ action: 'fail-task', method: 'POST', path: '/nodes/*/storage/*/upload', count, reason })
    const ran = await lab.runner().apply(SEEDED)
    expect(failures(ran)).toEqual(failed)
    lab.simulator.faults.clear()
    expect(failures(await lab.runner().apply(SEEDED))).toEqual([])
    await lab.runner().destroy(SEEDED)
  })
})

describe('a template in a pool whose creation was interrupted', () => {
  it('has no tag yet, and is found by its name when the project is destroyed', async () => {
    await lab.call('POST', '/pools', { poolid: 'cut' })
    const project = { ...labState('vms: { pooled: { pool: cut } }'), project: 'cut' }
    const fault = { action: 'fail-task', method: 'POST', path: '/nodes/*/qemu/*/template', reason: 'cut' } as const
    lab.simulator.faults.add({ ...fault, count: 9 })
    expect(failures(await lab.runner().apply(project))).toHaveLength(1)
    lab.simulator.faults.clear()
    const left = (await lab.guests()).find(({ name, template }) => name.startsWith('tpl-') && !template)
    await lab.task('PUT', `/nodes/pve1/qemu/${left?.vmid}/config`, { delete: 'tags' })
    expect(failures(await lab.runner().destroy(project))).toEqual([])
    expect((await lab.call<{ members: readonly unknown[] }>('GET', '/pools/cut')).members).toEqual([])
  })
})

describe('a removal that fails because another task removes a volume', () => {
  it('is repeated', async () => {
    const desired = labState('vms: { brief: {} }')
    await lab.runner().apply(desired)
    const path = '/var/lib/vz/images/43773/vm-43773-cloudinit.qcow2'
    const reason = `qemu-img: Could not open '${path}': Could not open '${path}': No such file or directory`
    lab.simulator.faults.add({ action: 'fail-task', method: 'DELETE', path: '/nodes/*/qemu/*', count: 1, reason })
    const runner = lab.runner()
    const facts = await runner.observe(desired)
    const ran = await runner.execute(desired, facts, makeDestroyPlan(desired, facts, { only: ['brief'] }))
    expect(failures(ran)).toEqual([])
    expect((await machines()).map(({ name }) => name)).not.toContain('brief')
  })
})

describe('a guest that is being removed', () => {
  const FIXED = labState('vms: { web: { vmid: 4242, cores: 2 } }')

  /** The config between the removal of the last disk and the end of a removal: only the lock. */
  async function removalOf(vmid: number): Promise<() => void> {
    await lab.task('POST', '/nodes/pve1/qemu', { vmid })
    const machine = lab.simulator.world.machines.find(vmid)
    if (machine === undefined) throw new Error('no machine')
    machine.config.values.clear()
    machine.config.values.set('lock', 'destroyed')
    return () => lab.simulator.world.machines.remove(machine)
  }

  /** A runner that ends the removal as soon as it has reported that it waits for it. */
  const runnerThatWaitsFor = (finish: () => void) =>
    lab.runner({
      clock: briskClock(),
      onNote: (message) => {
        if (message.includes('is being removed')) finish()
      },
    })

  it('is waited for when its ID is needed', async () => {
    const ran = await runnerThatWaitsFor(await removalOf(4242)).apply(FIXED)
    expect(failures(ran)).toEqual([])
    expect(ran.notes.join()).toContain('4242 is being removed (destroyed); waiting for it.')
    expect(await lab.config(4242)).toMatchObject({ name: 'web', cores: 2 })
  })

  it('is waited for by another removal', async () => {
    await lab.runner().apply(FIXED)
    const removal: { finish?: () => void } = {}
    const runner = runnerThatWaitsFor(() => removal.finish?.())
    const facts = await runner.observe(FIXED)
    await lab.task('DELETE', '/nodes/pve1/qemu/4242')
    removal.finish = await removalOf(4242)
    const ran = await runner.execute(FIXED, facts, makeDestroyPlan(FIXED, facts, { only: ['web'] }))
    expect(failures(ran)).toEqual([])
    expect((await machines()).map(({ vmid }) => vmid)).not.toContain(4242)
  })

  it('and stays in that state is reported as an interrupted removal', async () => {
    const finish = await removalOf(4242)
    const ran = await lab.runner({ clock: briskClock(1000) }).apply(FIXED)
    expect(ran.notes.join()).toMatch(/4242 on pve1 stays locked \(destroyed\).*a removal was interrupted.*qm unlock/)
    finish()
  })
})

describe('a node that does not answer', () => {
  const BOTH = labState('vms: { web: { cores: 2, disk: 128 MiB, network: { bridge: vmbr0 } }, far: { node: pve2 } }')

  it.each([
    ['is offline', ['create:fresh done']],
    ['went away since the listing', []],
  ] as const)('as it %s: its machines fail, none is created twice, the others continue', async (how, done) => {
    await lab.runner().apply(BOTH)
    const node = lab.simulator.world.nodes.get('pve2')
    if (node === undefined) throw new Error('no node')
    node.online = false
    node.refusing = how !== 'is offline'
    const changed = labState('vms: { web: { cores: 4 }, far: { node: pve2 }, fresh: { nodes: [pve2, pve1] } }')
    const ran = await lab.runner().apply(changed)
    node.online = true
    node.refusing = false
    const unknown = /^create:far: UNREACHABLE Cannot check whether .* is far: pve2 does not answer/
    expect(failures(ran)).toContainEqual(expect.stringMatching(unknown))
    expect(ran.summary).toEqual(expect.arrayContaining(['update:web done', ...done]))
    expect(failures(await lab.runner().apply(changed))).toEqual([])
    expect(await machines('far')).toHaveLength(1)
    expect(await machines('fresh')).toHaveLength(1)
  })
})

describe('a run that cannot go on', () => {
  it('as its token is revoked midway: fails with one message, and another token finishes it', async () => {
    const path = '/access/users/root@pam/token/passing'
    const { value } = await lab.call<{ value: string }>('POST', path, { privsep: 0 })
    const credentials = { tokenId: 'root@pam!passing', tokenSecret: value }
    const runner = lab.runner({ credentials })
    const facts = await runner.observe(STATE)
    // The clone is created. Requests for its task then fail with a 401.
    const look = lab.simulator.requests.hold({ method: 'GET', path: '/nodes/*/tasks/**' })
    const running = runner.execute(STATE, facts, makePlan(STATE, facts))
    await look.arrived
    await lab.call('DELETE', path)
    look.release()
    const ran = await running
    expect(failures(ran)).toEqual([
      expect.stringMatching(/^create:web: AUTHENTICATION .*does not accept root@pam!passing/),
    ])
    lab.simulator.faults.clear()
    expect(failures(await lab.runner().apply(STATE))).toEqual([])
    await isRight()
  })

  it('as it is interrupted: reports the tasks that continue, and the next run finds their results', async () => {
    const slow = await createLab({ latency: { statusMs: 0 } })
    try {
      await slow.runner().apply(labState('vms: { first: {} }'))
      const runner = slow.runner()
      const facts = await runner.observe(STATE)
      const interruption = new AbortController()
      const look = slow.simulator.requests.hold({ method: 'GET', path: '/nodes/*/tasks/**' })
      const running = runner.execute(STATE, facts, makePlan(STATE, facts), interruption.signal)
      await look.arrived
      interruption.abort()
      const ran = await running
      look.release()
      expect(ran.summary).toContain('create:web cancelled')
      expect(failures(ran).join()).toMatch(/qmclone \d+ on node pve1 continues in Proxmox \(UPID:pve1:/)
      expect(failures(await slow.runner().apply(STATE))).toEqual([])
      expect((await slow.guests()).filter(({ name }) => name === 'web')).toHaveLength(1)
    } finally {
      await slow.close()
    }
  })
})
