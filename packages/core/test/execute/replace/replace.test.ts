// Replacement of a machine in a rollout: it keeps its name, MACs and data, and the old VM is restored if the new one
// fails.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProvisionEvent } from '../../../src/events.ts'
import { readMarker } from '../../../src/facts/cluster/marker.ts'
import type { Desired } from '../../../src/manifest/manifest.ts'
import { makePlan } from '../../../src/plan/make-plan.ts'
import { createLab, failures, type Lab, labState, orphanedVolumes } from '../../support/machine-lab.ts'

let lab: Lab

beforeAll(async () => {
  lab = await createLab({
    latency: { cloneMs: 30, createMs: 30, templateMs: 20, startMs: 10, destroyMs: 10, statusMs: 0 },
  })
})
afterAll(() => lab.close())

const runner = () => lab.runner()

function state(project: string, words = ''): Desired {
  const tail = `vms: { web: { start: true, network: { bridge: vmbr0 }, disks: [{ size: 256 MiB }], ${words} } }`
  return { ...labState(tail), project }
}

interface Seen {
  readonly vmid: number
  readonly config: Record<string, unknown>
  readonly status: string
}

/** Returns all VMs that are, or were, this project's machine. */
async function machines(project: string): Promise<readonly Seen[]> {
  const all = await Promise.all(
    (await lab.guests()).map(async ({ vmid, node }) => ({
      vmid,
      config: await lab.config(vmid, node),
      status: (await lab.call<{ status: string }>('GET', `/nodes/${node}/qemu/${vmid}/status/current`)).status,
    })),
  )
  return all.filter(({ config, vmid }) => {
    const marker = readMarker(config.description, vmid)
    return marker?.project === project && marker.kind === 'machine'
  })
}

/** Returns the data disk, to distinguish it from others. */
const dataOf = ({ config }: Seen) => String(config.scsi1)
const macOf = ({ config }: Seen) => /([0-9A-F]{2}:){5}[0-9A-F]{2}/.exec(String(config.net0))?.[0]

async function onlyMachine(project: string): Promise<Seen> {
  const [one, ...others] = await machines(project)
  expect(others).toEqual([])
  expect(one).toBeDefined()
  return one as Seen
}

describe('replace', () => {
  it('creates a successor with the same name, MAC and data disk, and removes the old one', async () => {
    expect(failures(await runner().apply(state('fine')))).toEqual([])
    const before = await onlyMachine('fine')
    const ran = await runner().apply(state('fine'), { replace: ['web'] })
    expect(failures(ran)).toEqual([])
    expect(ran.summary).toContain('replace:web done')
    const after = await onlyMachine('fine')
    expect(after.vmid).not.toBe(before.vmid)
    expect(macOf(after)).toBe(macOf(before))
    expect(dataOf(after)).toMatch(/size=256M/)
    expect(after.status).toBe('running')
    expect(readMarker(after.config.description)).not.toHaveProperty('replaces')
    expect(await orphanedVolumes(lab)).toEqual([])
    expect((await runner().apply(state('fine'))).summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
  })

  it('restores the old one, running and with its data, where the new one does not become healthy', async () => {
    expect(failures(await runner().apply(state('ill')))).toEqual([])
    const before = await onlyMachine('ill')
    const wanted = state('ill', 'agent: false, rollout: { wait: { agent: true, seconds: 5 } }')
    const ran = await runner().apply(wanted, { replace: ['web'] })
    expect(failures(ran).join()).toMatch(/did not become healthy.*runs again, with its disks/)
    const after = await onlyMachine('ill')
    expect(after).toMatchObject({ vmid: before.vmid, status: 'running' })
    expect(macOf(after)).toBe(macOf(before))
    expect(dataOf(after)).toMatch(/size=256M/)
    expect(readMarker(after.config.description)).not.toHaveProperty('retired')
    expect(await orphanedVolumes(lab)).toEqual([])
  })

  it('says why the new one failed also where the old one does not start again, which the next run does', async () => {
    expect(failures(await runner().apply(state('worse')))).toEqual([])
    const { vmid } = await onlyMachine('worse')
    const path = `/nodes/pve1/qemu/${vmid}/status/start`
    lab.simulator.faults.add({ action: 'fail-task', path, reason: 'start failed: got timeout', count: 1 })
    const wanted = state('worse', 'agent: false, rollout: { wait: { agent: true, seconds: 5 } }')
    expect(failures(await runner().apply(wanted, { replace: ['web'] })).join()).toMatch(
      RegExp(`did not become healthy: .*\\. ${vmid} on pve1 could not be restored: .*got timeout`),
    )
    const back = await onlyMachine('worse')
    expect([back.vmid, back.config.name, back.status]).toEqual([vmid, 'web', 'stopped'])
    expect(dataOf(back)).toMatch(/size=256M/)
    expect(failures(await runner().apply(state('worse')))).toEqual([])
    expect((await onlyMachine('worse')).status).toBe('running')
    expect(await orphanedVolumes(lab)).toEqual([])
  })

  it('says why the new one failed also where the old one ends again at once, and does not blame the HA manager', async () => {
    expect(failures(await runner().apply(state('short')))).toEqual([])
    const { vmid } = await onlyMachine('short')
    const started = lab.simulator.requests.next({ method: 'POST', path: `/nodes/pve1/qemu/${vmid}/status/start` })
    const wanted = state('short', 'agent: false, rollout: { wait: { agent: true, seconds: 5 } }')
    const running = runner().apply(wanted, { replace: ['web'] })
    await started
    const held = lab.simulator.requests.hold({ method: 'GET', path: `/nodes/pve1/qemu/${vmid}/status/current` })
    await held.arrived
    await lab.call('POST', `/nodes/pve1/qemu/${vmid}/status/stop`)
    held.release()
    expect(failures(await running).join()).toMatch(
      RegExp(
        `did not become healthy: .*\\. ${vmid} on pve1 could not be restored: It was started, but it does not run;`,
      ),
    )
    expect(await onlyMachine('short')).toMatchObject({ vmid, status: 'stopped', config: { name: 'web' } })
  })

  it('keeps volumes that the config of the old one does not name', async () => {
    expect(failures(await runner().apply(state('spare')))).toEqual([])
    const { vmid } = await onlyMachine('spare')
    const content = '/nodes/pve1/storage/local/content'
    const volid = await lab.call<string>('POST', content, { vmid, filename: `vm-${vmid}-disk-9.raw`, size: '1M' })
    expect(failures(await runner().apply(state('spare'), { replace: ['web'] }))).toEqual([])
    expect((await onlyMachine('spare')).vmid).not.toBe(vmid)
    expect(await orphanedVolumes(lab)).toEqual([volid])
    await lab.call('DELETE', `${content}/${volid}`)
  })

  it('fails where neither VM has a data disk after its move has failed, and the data stays', async () => {
    expect(failures(await runner().apply(state('torn')))).toEqual([])
    const { vmid, config } = await onlyMachine('torn')
    const held = lab.simulator.requests.hold({ method: 'POST', path: '/nodes/*/qemu/*/move_disk' })
    const running = runner().apply(state('torn'), { replace: ['web'] })
    await held.arrived
    await lab.call('PUT', `/nodes/pve1/qemu/${vmid}/config`, { delete: 'scsi1' })
    held.release()
    expect(failures(await running).join()).toMatch(/Disk 'scsi1'.* does not exist/)
    const after = await onlyMachine('torn')
    expect(after).toMatchObject({ vmid, status: 'running' })
    expect(String(after.config.unused0)).toBe(String(config.scsi1).split(',')[0])
    expect(failures(await runner().destroy(state('torn')))).toEqual([])
  })

  it.each([
    ['becomes healthy', '', true],
    ['does not become healthy', 'agent: false, rollout: { wait: { agent: true, seconds: 2 } }', false],
  ])(
    'keeps tags, pool and HA that the manifest does not state, where the new VM %s',
    async (what, words, isHealthy) => {
      const project = `kept-${what.length}`
      expect(failures(await runner().apply(state(project)))).toEqual([])
      const before = await onlyMachine(project)
      await lab.call('POST', '/pools', { poolid: project })
      await lab.call('PUT', '/pools', { poolid: project, vms: String(before.vmid) })
      await lab.call('PUT', `/nodes/pve1/qemu/${before.vmid}/config`, { tags: `${String(before.config.tags)};mine` })
      await lab.call('POST', '/cluster/ha/resources', { sid: `vm:${before.vmid}`, state: 'started' })
      const ran = await runner().apply(state(project, words), { replace: ['web'] })
      expect(failures(ran)).toHaveLength(isHealthy ? 0 : 1)
      const after = await onlyMachine(project)
      expect(after.vmid === before.vmid).toBe(!isHealthy)
      expect(String(after.config.tags).split(';').sort()).toEqual(['mine', 'pve-provision'])
      const { members } = await lab.call<{ readonly members: readonly { readonly vmid: number }[] }>(
        'GET',
        `/pools/${project}`,
      )
      expect(members.map(({ vmid }) => vmid)).toEqual([after.vmid])
      const managed = await lab.call<readonly { readonly sid: string; readonly state: string }[]>(
        'GET',
        '/cluster/ha/resources',
      )
      expect(managed.filter(({ sid }) => sid === `vm:${after.vmid}`)).toMatchObject([{ state: 'started' }])
      expect(after.status).toBe('running')
      await lab.call('DELETE', `/cluster/ha/resources/vm:${after.vmid}`)
    },
  )

  it('of a machine with a fixed ID keeps ID, MAC, power, and the tags and pool that the manifest does not state', async () => {
    const fixed = { ...labState('vms: { web: { vmid: 640, network: { bridge: vmbr0 } } }'), project: 'numbered' }
    expect(failures(await runner().apply(fixed))).toEqual([])
    await lab.call('POST', '/pools', { poolid: 'numbered' })
    await lab.call('PUT', '/pools', { poolid: 'numbered', vms: '640' })
    await lab.call('PUT', '/nodes/pve1/qemu/640/config', { tags: 'pve-provision;mine' })
    await lab.call('POST', '/nodes/pve1/qemu/640/status/start')
    await expect.poll(async () => (await onlyMachine('numbered')).status).toBe('running')
    const before = await onlyMachine('numbered')
    const ran = await runner().apply(fixed, { replace: ['web'] })
    expect(failures(ran)).toEqual([])
    expect(ran.summary).toEqual(expect.arrayContaining(['destroy:web done', 'create:web done']))
    const after = await onlyMachine('numbered')
    expect([after.vmid, macOf(after), after.status]).toEqual([640, macOf(before), 'running'])
    expect(after.config.tags).toBe('mine;pve-provision')
    const { members } = await lab.call<{ readonly members: readonly unknown[] }>('GET', '/pools/numbered')
    expect(members).toMatchObject([{ vmid: 640 }])
    await lab.call('POST', '/cluster/ha/resources', { sid: 'vm:640' })
    const { plan } = await runner().apply(fixed, { replace: ['web'] })
    expect(plan.machines).toMatchObject([{ action: 'replace', loses: ['HA settings'] }])
    expect(failures(await runner().destroy(fixed))).toEqual([])
  })

  describe('of machines that HA rules of the cluster keep apart', () => {
    const pair = (project: string, words = '') => ({
      ...labState(`vms: { web: { start: true, network: { bridge: vmbr0 }, count: 2${words} } }`),
      project,
    })
    const ILL = ', agent: false, rollout: { batch: 2, maxFailures: 2, wait: { agent: true, seconds: 2 } }'
    const rows = async (path: string) =>
      (await lab.call<readonly Record<string, unknown>[]>('GET', `/cluster/ha/${path}`)).toSorted((one, other) =>
        String(one.sid).localeCompare(String(other.sid)),
      )

    const firstOf = async (project: string) =>
      `vm:${(await machines(project)).find(({ config }) => config.name === 'web-1')?.vmid}`

    it.each([
      ['become healthy', ', rollout: { batch: 2 }'],
      ['do not become healthy', ILL],
    ])(
      'the VMs that have their names then have their HA settings and their rules, where the new ones %s',
      async (what, words) => {
        const project = `apart-${what.length}`
        expect(failures(await runner().apply(pair(project)))).toEqual([])
        const olds = (await machines(project)).map(({ vmid }) => vmid).sort()
        for (const vmid of olds)
          await lab.call('POST', '/cluster/ha/resources', {
            sid: `vm:${vmid}`,
            max_restart: 4,
            failback: 0,
            comment: 'by hand',
          })
        const sids = (vmids: readonly number[]) => vmids.map((vmid) => `vm:${vmid}`).join(',')
        const apart = { type: 'resource-affinity', affinity: 'negative', resources: sids(olds) }
        await lab.call('POST', '/cluster/ha/rules', { rule: 'apart', ...apart })
        const near = { type: 'node-affinity', nodes: 'pve1:2', resources: await firstOf(project) }
        await lab.call('POST', '/cluster/ha/rules', { rule: 'near', ...near })
        const ran = await runner().apply(pair(project, words), { replace: ['web'] })
        expect(failures(ran)).toHaveLength(words === ILL ? 2 : 0)
        const news = (await machines(project)).map(({ vmid }) => vmid).sort()
        expect(news.some((vmid) => olds.includes(vmid))).toBe(words === ILL)
        expect(await rows('rules')).toMatchObject([
          { ...apart, resources: sids(news) },
          { ...near, resources: await firstOf(project) },
        ])
        expect(await rows('resources')).toMatchObject(
          news.map((vmid) => ({
            sid: `vm:${vmid}`,
            state: 'started',
            max_restart: 4,
            failback: 0,
            comment: 'by hand',
          })),
        )
        expect((await machines(project)).map(({ status }) => status)).toEqual(['running', 'running'])
        expect(failures(await runner().destroy(pair(project)))).toEqual([])
        expect([await rows('rules'), await rows('resources')]).toEqual([[], []])
      },
    )

    it('the old VM stays in the HA manager until the new one is healthy, which would otherwise start it once more', async () => {
      expect(failures(await runner().apply(state('managed')))).toEqual([])
      const { vmid } = await onlyMachine('managed')
      await lab.call('POST', '/cluster/ha/resources', { sid: `vm:${vmid}` })
      const held = lab.simulator.requests.hold({ method: 'DELETE', path: '/nodes/*/qemu/*' })
      const running = runner().apply(state('managed'), { replace: ['web'] })
      await held.arrived
      const [old, heir] = (await rows('resources')).toSorted((one) => (one.sid === `vm:${vmid}` ? -1 : 1))
      expect(old).toMatchObject({ sid: `vm:${vmid}`, state: 'stopped' })
      expect(heir).toMatchObject({ state: 'started' })
      held.release()
      expect(failures(await running)).toEqual([])
      expect(await rows('resources')).toMatchObject([{ sid: heir?.sid }])
      expect(failures(await runner().destroy(state('managed')))).toEqual([])
    })

    it('that is killed after any of its requests keeps HA settings and rules, by the next run', async () => {
      for (let requests = 3; ; requests += 7) {
        const project = `kept-ha-${requests}`
        expect(failures(await runner().apply(state(project)))).toEqual([])
        const { vmid } = await onlyMachine(project)
        await lab.call('POST', '/cluster/ha/resources', { sid: `vm:${vmid}`, state: 'started', max_restart: 3 })
        await lab.call('POST', '/cluster/ha/rules', {
          rule: 'near',
          type: 'node-affinity',
          nodes: 'pve1',
          resources: `vm:${vmid}`,
        })
        const killed = await lab.runner({ dieAfter: requests }).apply(state(project), { replace: ['web'] })
        expect(failures(await runner().apply(state(project))), `killed with request ${requests}`).toEqual([])
        const after = await onlyMachine(project)
        await expect
          .poll(async () => (await onlyMachine(project)).status, { message: `killed with request ${requests}` })
          .toBe('running')
        expect(await rows('resources'), `killed with request ${requests}`).toMatchObject([
          { sid: `vm:${after.vmid}`, state: 'started', max_restart: 3 },
        ])
        expect(await rows('rules'), `killed with request ${requests}`).toMatchObject([
          { rule: 'near', resources: `vm:${after.vmid}` },
        ])
        expect(failures(await runner().destroy(state(project)))).toEqual([])
        if (failures(killed).length === 0) break
      }
    }, 240_000)
  })

  it('leaves a protected machine alone', async () => {
    const safe = state('safe', 'protection: true')
    expect(failures(await runner().apply(safe))).toEqual([])
    const before = await onlyMachine('safe')
    expect(failures(await runner().apply(safe, { replace: ['web'] })).join()).toContain('protected')
    expect((await onlyMachine('safe')).vmid).toBe(before.vmid)
  })

  // Every sixth request here. `npm run check:kills -- --only roll-outs` tests all of them.
  it('that is killed after any of its requests is completed or undone by the next run, with its data', async () => {
    for (let requests = 3; ; requests += 6) {
      const project = `kill-${requests}`
      expect(failures(await runner().apply(state(project)))).toEqual([])
      const before = await onlyMachine(project)
      const killed = await lab.runner({ dieAfter: requests }).apply(state(project), { replace: ['web'] })
      // Two machines with one address never run at the same time.
      const running = (await machines(project)).filter(({ status }) => status === 'running')
      expect(running.length, `killed with request ${requests}`).toBeLessThanOrEqual(1)
      const next = await runner().apply(state(project))
      expect(failures(next), `killed with request ${requests}`).toEqual([])
      const after = await onlyMachine(project)
      expect(after.status, `killed with request ${requests}`).toBe('running')
      expect(macOf(after)).toBe(macOf(before))
      expect(dataOf(after), `killed with request ${requests}`).toMatch(/size=256M/)
      expect(failures(await runner().destroy(state(project)))).toEqual([])
      expect(await orphanedVolumes(lab), `killed with request ${requests}`).toEqual([])
      if (failures(killed).length === 0) break
    }
  })
})

describe('two runs that replace the same machine at the same time', () => {
  const ILL = 'agent: false, rollout: { wait: { agent: true, seconds: 5 } }'

  it.each([
    ['both find the new VM healthy', '', '', undefined],
    ['the second one begins when the first one starts the new VM', '', '', 'starting'],
    ['neither does', ILL, ILL, undefined],
    ['only the first one does', '', ILL, undefined],
    ['only the second one does, and begins while the first one waits', ILL, '', 'waiting until it is healthy'],
  ])('leave one machine, running and with its data, where %s', async (what, first, second, stage) => {
    const project = `both-${what.replaceAll(/\W+/g, '-')}`
    expect(failures(await runner().apply(state(project)))).toEqual([])
    const before = await onlyMachine(project)
    const reached = Promise.withResolvers<void>()
    const onEvent = (event: ProvisionEvent) => {
      if (event.type === 'stage' && event.stage === stage) reached.resolve()
    }
    const one = runner().apply(state(project, first), { replace: ['web'], onEvent })
    if (stage !== undefined) await Promise.race([reached.promise, one])
    const ran = await Promise.all([one, runner().apply(state(project, second), { replace: ['web'] })])
    const after = await onlyMachine(project)
    expect(after.status).toBe('running')
    expect(macOf(after)).toBe(macOf(before))
    expect(dataOf(after)).toMatch(/size=256M/)
    expect(await orphanedVolumes(lab)).toEqual([])
    if (first === '' && second === '') expect(ran.flatMap(failures)).toEqual([])
    if (first === ILL && second === ILL) expect(after.vmid).toBe(before.vmid)
    expect(failures(await runner().apply(state(project)))).toEqual([])
    expect(await onlyMachine(project)).toMatchObject({ vmid: after.vmid, status: 'running' })
    expect(failures(await runner().destroy(state(project)))).toEqual([])
  })
})

describe('two runs at the same time', () => {
  it.each([
    ['restart', 'cores: 2', { restart: true }],
    ['move', 'fullClone: true, node: pve2', { move: true }],
  ])('both %s a machine without a failure', async (what, words, options) => {
    const project = `twice-${what}`
    expect(failures(await runner().apply(state(project, 'fullClone: true, cores: 1')))).toEqual([])
    const desired = state(project, words)
    if (what === 'restart') expect(failures(await runner().apply(desired))).toEqual([])
    const ran = await Promise.all([runner().apply(desired, options), runner().apply(desired, options)])
    expect(ran.flatMap(failures)).toEqual([])
    const after = await onlyMachine(project)
    expect([after.status, dataOf(after)]).toEqual(['running', expect.stringContaining('size=256M')])
    const again = await runner().apply(desired, options)
    expect(again.summary.filter((line) => !line.endsWith(' kept'))).toEqual([])
  })
})

describe('a rollout', () => {
  const many = (words: string): Desired => {
    const tail = `vms: { node: { count: 5, start: true, network: { bridge: vmbr0 }, ${words} } }`
    return { ...labState(tail), project: 'many' }
  }

  it('runs in batches, and stops after the allowed failures', async () => {
    expect(failures(await runner().apply(many('')))).toEqual([])
    const ill = many('agent: false, rollout: { batch: 2, maxFailures: 1, wait: { agent: true, seconds: 5 } }')
    const ran = await runner().apply(ill, { replace: ['node'] })
    const status = Object.fromEntries(
      ran.outcomes.filter(({ step }) => step.kind === 'replace').map(({ step, status }) => [step.id, status]),
    )
    expect(status).toEqual({
      'replace:node-1': 'failed',
      'replace:node-2': 'failed',
      'replace:node-3': 'blocked',
      'replace:node-4': 'blocked',
      'replace:node-5': 'blocked',
    })
    const begun = ran.outcomes.filter(({ step, status }) => step.kind === 'replace' && status === 'failed')
    expect(begun).toHaveLength(2)
  })

  it('with a larger batch replaces all at once', async () => {
    const ran = await runner().apply(many('rollout: { batch: 2 }'), { replace: ['node'], batch: 5 })
    expect(failures(ran)).toEqual([])
    expect(ran.outcomes.filter(({ step, status }) => step.kind === 'replace' && status === 'done')).toHaveLength(5)
  })
})

describe('restart', () => {
  it('happens only on request, and applies pending changes', async () => {
    expect(failures(await runner().apply(state('again')))).toEqual([])
    const changed = state('again', 'memory: 1 GiB, cores: 2')
    expect(failures(await runner().apply(changed))).toEqual([])
    const { vmid } = await onlyMachine('again')
    const pidOf = async () => (await lab.call<{ pid: number }>('GET', `/nodes/pve1/qemu/${vmid}/status/current`)).pid
    const before = await pidOf()
    expect((await runner().apply(changed)).summary).not.toContain('restart:web done')
    expect(await pidOf()).toBe(before)
    const ran = await runner().apply(changed, { restart: true })
    expect(failures(ran)).toEqual([])
    expect(ran.summary).toContain('restart:web done')
    expect(await pidOf()).not.toBe(before)
    expect((await runner().apply(changed, { restart: true })).summary).not.toContain('restart:web done')
  })
})

describe('a restart whose turn comes after the VM was given away', () => {
  it('leaves the VM alone', async () => {
    expect(failures(await runner().apply(state('given', 'cores: 1')))).toEqual([])
    const changed = state('given', 'cores: 2')
    expect(failures(await runner().apply(changed))).toEqual([])
    const { vmid, config } = await onlyMachine('given')
    const facts = await runner().observe(changed)
    const plan = makePlan(changed, facts, { restart: true })
    const path = `/nodes/pve1/qemu/${vmid}`
    await lab.call('PUT', `${path}/config`, { description: 'mine' })
    const pidOf = async () => (await lab.call<{ pid: number }>('GET', `${path}/status/current`)).pid
    const before = await pidOf()
    const ran = await runner().execute(changed, facts, plan)
    expect(failures(ran).join()).toMatch(
      /restart:web: CONFLICT \d+ on pve1 is no longer web of given; it is left alone/,
    )
    expect(await pidOf()).toBe(before)
    await lab.call('PUT', `${path}/config`, { description: config.description })
  })
})

describe('move', () => {
  it('of a linked clone on local storage is refused before anything is changed, with a hint', async () => {
    expect(failures(await runner().apply(state('moving')))).toEqual([])
    const elsewhere = state('moving', 'node: pve2')
    const ran = await runner().apply(elsewhere, { move: true })
    expect(failures(ran).join()).toMatch(/linked clone on the local storage local/)
  })

  it('migrates a machine to the node in the manifest, and only on request', async () => {
    const full = (words: string) => state('moved', `fullClone: true, ${words}`)
    expect(failures(await runner().apply(full('node: pve1')))).toEqual([])
    const before = await onlyMachine('moved')
    const there = full('node: pve2')
    expect((await runner().apply(there)).summary).toEqual(expect.not.arrayContaining(['move:web done']))
    const ran = await runner().apply(there, { move: true })
    expect(failures(ran)).toEqual([])
    const guest = (await lab.guests()).find(({ vmid }) => vmid === before.vmid)
    expect(guest?.node).toBe('pve2')
  })
})
