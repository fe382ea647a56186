// Tests the plan of one machine: created, kept, changed, renamed, moved, restarted, replaced, or blocked, and why.
import { describe, expect, it } from 'vitest'
import { retiredName } from '../../../src/facts/cluster/retired.ts'
import type { Facts, GuestFacts } from '../../../src/facts/facts.ts'
import { makePlan, type PlanOptions } from '../../../src/plan/make-plan.ts'
import { baseOf } from '../../../src/plan/names.ts'
import { desiredState, factsOf, guestFacts, imageFacts, machineAsDeclared } from '../../support/given.ts'

const BASE = baseOf(imageFacts('fast', 'a'), 'as-is')

function as(keys: string, rest: Parameters<typeof machineAsDeclared>[2] = {}): GuestFacts {
  return machineAsDeclared(desiredState(`vms: { web: ${keys} }`), 'web', { base: BASE, ...rest })
}

interface Given {
  readonly guests?: readonly GuestFacts[]
  readonly facts?: Partial<Facts>
  readonly options?: PlanOptions
  readonly head?: string
}

/** The plan of one machine `web`: its entry, and its steps by kind. */
function planOf(keys: string, { guests = [], facts = {}, options = {}, head = '' }: Given = {}) {
  const plan = makePlan(desiredState(`${head}vms: { web: ${keys} }`), factsOf({ guests, ...facts }), options)
  const stepOf = (kind: string) => plan.steps.find((step) => step.kind === kind && 'machine' in step)
  return { plan, stepOf, web: plan.machines.find(({ name }) => name === 'web') }
}

describe('a machine that does not exist', () => {
  it('is created as a linked clone, in the lanes of its template, storage and node', () => {
    const { web, stepOf } = planOf('{}')
    expect(web).toEqual({ name: 'web', node: 'pve1', action: 'create', changes: [] })
    expect(stepOf('create')).toMatchObject({
      action: 'run',
      why: 'does not exist yet; linked clone on pve1/disks',
      linked: true,
      base: BASE,
      templateFrom: 'template:fast@pve1/disks',
      lanes: ['template:template:fast@pve1/disks', 'storage:pve1/disks', 'node:pve1'],
    })
    expect(stepOf('start')).toBeUndefined()
  })

  it('has the ID in the manifest, and is a full clone on request', () => {
    const { web, stepOf } = planOf('{ vmid: 500, fullClone: true }')
    expect(web).toMatchObject({ vmid: 500, action: 'create' })
    expect(stepOf('create')).toMatchObject({ linked: false, why: 'does not exist yet; full clone on pve1/disks' })
  })

  it('is blocked where the range has no free ID, including one for its template; a fixed ID needs none', () => {
    const head = 'vmids: { from: 20000, to: 20001 }\n'
    const { web, plan } = planOf('{ count: 2 }', { head })
    expect(web).toBeUndefined()
    expect(plan.machines.map(({ name, action }) => `${name} ${action}`)).toEqual(['web-1 create', 'web-2 blocked'])
    expect(plan.problems.map(({ message }) => message)).toEqual(['No VM ID from 20000 to 20001 is free for web-2.'])
    const taken = { vmid: 20000, name: 'x', node: 'pve1', type: 'qemu', template: false, status: 'stopped' }
    expect(planOf('{ vmid: 500 }', { head, facts: { listed: new Map([[20000, taken as never]]) } }).web?.action).toBe(
      'create',
    )
  })

  it('starts and is waited for, unless it cannot be created', () => {
    const { stepOf } = planOf('{ start: true, wait: agent }')
    expect(stepOf('start')).toMatchObject({
      action: 'run',
      why: 'the manifest has `start: true`',
      needs: ['create:web'],
      lanes: ['node:pve1'],
    })
    expect(stepOf('wait')).toMatchObject({
      action: 'run',
      why: 'the manifest waits for its agent',
      needs: ['create:web', 'start:web'],
      lanes: [],
    })
    const blocked = planOf('{ start: true, memory: 100 GiB }')
    expect(blocked.web).toEqual({ name: 'web', node: 'pve1', action: 'blocked', changes: [] })
    expect(blocked.stepOf('create')?.problem?.message).toBe(blocked.stepOf('create')?.why)
    expect(blocked.stepOf('start')?.needs).toEqual(['create:web'])
    expect(blocked.plan.problems).toMatchObject([
      { step: 'create:web', message: expect.stringMatching(/100 GiB of memory/) },
    ])
  })

  it('is blocked where two machines carry its marker', () => {
    const { web, plan } = planOf('{}', { guests: [as('{}', { vmid: 20001 }), as('{}', { vmid: 20002 })] })
    expect(web?.action).toBe('blocked')
    expect(plan.problems[0]?.message).toMatch(/^2 VMs have the marker of web/)
  })
})

describe('a machine that exists', () => {
  it('is kept where it is as declared', () => {
    const { web, stepOf } = planOf('{}', { guests: [as('{}')] })
    expect(web).toEqual({ name: 'web', vmid: 20001, node: 'pve1', action: 'keep', changes: [] })
    expect(stepOf('create')).toMatchObject({
      action: 'keep',
      why: '20001 on pve1 is as declared',
      known: { guest: { vmid: 20001, node: 'pve1' } },
    })
  })

  it('is changed where it differs: the step lists the keys', () => {
    const { web, stepOf } = planOf('{ memory: 2 GiB, disk: 20 GiB, pool: lab }', {
      guests: [as('{ memory: 1 GiB }', { config: { scsi0: 'disks:vm-20001-disk-0,size=10G' } })],
    })
    expect(web?.action).toBe('update')
    expect(web?.changes.map(({ key }) => key)).toEqual(expect.arrayContaining(['memory', 'disk.size', 'pool']))
    expect(stepOf('update')).toMatchObject({
      vmid: 20001,
      node: 'pve1',
      needs: [],
      lanes: ['node:pve1'],
      touches: { grow: ['scsi0'], pool: true, ha: false },
    })
    const touched = stepOf('update')
    expect(touched?.kind === 'update' && touched.touches.keys).toEqual(expect.arrayContaining(['memory']))
  })

  it('is blocked, and nothing is changed, where the change is known to fail', () => {
    const { web, stepOf } = planOf('{ memory: 100 GiB }', { guests: [as('{ memory: 1 GiB }')] })
    expect(web?.action).toBe('blocked')
    expect(stepOf('update')?.problem?.message).toMatch(/100 GiB of memory/)
  })

  it('that was converted to a template is blocked with that message alone', () => {
    const guest = as('{}', { config: { template: 1 } })
    const { web, plan } = planOf('{ memory: 100 GiB }', { guests: [guest] })
    expect(web?.action).toBe('blocked')
    expect(plan.problems.map(({ message }) => message)).toEqual([
      'web (20001 on pve1) was converted to a template in Proxmox and cannot run.',
    ])
  })

  it('is reported as an older build, and not changed', () => {
    const { web } = planOf('{}', { guests: [as('{}', { base: 'f'.repeat(16) })] })
    expect(web).toMatchObject({ action: 'keep', outdated: { from: 'f'.repeat(16), to: BASE } })
  })

  it.each([
    ['is of the build of today', as('{}')],
    ['was adopted, so that nobody knows its build', as('{}', { base: '' })],
    ['is of another image', as('{}', { base: 'f'.repeat(16), image: 'slow' })],
  ])('is not told to be outdated where it %s', (_situation, guest) => {
    expect(planOf('{}', { guests: [guest] }).web).not.toHaveProperty('outdated')
  })
})

describe('a machine that should run', () => {
  const keys = '{ start: true, wait: agent }'

  it('is started where it is stopped: the plan counts that as a change', () => {
    const { web, stepOf } = planOf(keys, { guests: [as(keys)] })
    expect(web).toMatchObject({
      action: 'update',
      changes: [{ key: 'start', before: false, after: true, when: 'now' }],
    })
    expect(stepOf('start')).toMatchObject({ action: 'run', why: 'the manifest has `start: true`' })
    expect(stepOf('wait')).toMatchObject({ action: 'run' })
  })

  it('is unchanged where it runs, and not waited for again', () => {
    const { web, stepOf } = planOf(keys, { guests: [as(keys, { status: 'running' })] })
    expect(web?.action).toBe('keep')
    expect(stepOf('start')).toMatchObject({ action: 'keep', why: 'it runs' })
    expect(stepOf('wait')).toMatchObject({ action: 'keep', why: 'it was running before' })
  })

  it.each(['stopped', 'request_stop', 'disabled'])(
    'is started where its HA state is "%s" while it still runs',
    (state) => {
      const { web, stepOf } = planOf(keys, { guests: [as(keys, { status: 'running', ha: { state } as never })] })
      const told = { key: 'start', before: false, after: true, reason: 'the HA manager was told to stop it' }
      expect(web).toMatchObject({ action: 'update', changes: [told] })
      expect(stepOf('start')).toMatchObject({ action: 'run', why: 'the HA manager is set to stop it' })
    },
  )

  it.each(['started', 'enabled', 'request_start'])('is left to the HA manager where its HA state is "%s"', (state) => {
    const { web, stepOf } = planOf(keys, { guests: [as(keys, { ha: { state, current: 'stopped' } as never })] })
    expect(web).toMatchObject({
      action: 'keep',
      changes: [],
      differences: [{ key: 'start', is: false, declared: true }],
    })
    expect(stepOf('start')).toMatchObject({ action: 'keep', why: 'the HA manager is set to start it' })
  })

  it('is started where the manifest takes it out of HA', () => {
    const taken = '{ start: true, ha: false }'
    const { web, stepOf } = planOf(taken, { guests: [as(taken, { ha: { state: 'started' } as never })] })
    expect(web).not.toHaveProperty('differences')
    expect(stepOf('start')).toMatchObject({ action: 'run' })
  })

  it('is waited for again where a required answer has not arrived', () => {
    const required = '{ start: true, wait: { agent: true, seconds: 60, required: true } }'
    const guests = [as(required, { status: 'running' })]
    expect(planOf(required, { guests }).stepOf('wait')).toMatchObject({
      action: 'run',
      ran: true,
      why: 'the manifest requires an answer from its agent, but there was none',
    })
    const seen = { answers: new Map([[20001, ['10.0.0.5']]]) }
    expect(planOf(required, { guests, facts: seen }).stepOf('wait')).toMatchObject({
      action: 'keep',
      why: 'its agent answers',
      known: { addresses: ['10.0.0.5'] },
    })
  })
})

describe('a restart', () => {
  const running = as('{ cores: 1 }', { status: 'running' })

  it('is planned on request, if changes are pending', () => {
    const { web, stepOf } = planOf('{ cores: 2 }', { guests: [running], options: { restart: true } })
    expect(web?.action).toBe('restart')
    expect(stepOf('restart')).toMatchObject({
      why: 'cores waits for it',
      createFrom: 'update:web',
      needs: ['update:web'],
    })
  })

  it.each([
    ['nobody asked', '{ cores: 2 }', running, {}],
    ['nothing waits', '{ cores: 1 }', running, { restart: true }],
    ['it is stopped', '{ cores: 2 }', as('{ cores: 1 }'), { restart: true }],
    ['the change cannot be made', '{ cores: 2, memory: 100 GiB }', running, { restart: true }],
  ])('is not planned where %s', (_situation, keys, guest, options) => {
    expect(planOf(keys, { guests: [guest], options }).stepOf('restart')).toBeUndefined()
  })
})

describe('a machine with a new name in the manifest', () => {
  const old = { ...as('{}'), name: 'www', marker: { ...as('{}').marker, name: 'www' } }
  const named = { ...old, config: { ...old.config, name: 'www' } }

  it('is renamed in place, and changed after that', () => {
    const { web, stepOf } = planOf('{ renamedFrom: www, memory: 2 GiB }', { guests: [named] })
    expect(web).toMatchObject({ vmid: 20001, action: 'update' })
    expect(web?.changes[0]).toEqual({ key: 'name', before: 'www', after: 'web', when: 'now' })
    expect(stepOf('rename')).toMatchObject({
      from: 'www',
      vmid: 20001,
      why: 'renamed in the manifest, was www (20001 on pve1)',
      lanes: ['node:pve1'],
    })
    expect(stepOf('update')?.needs).toEqual(['rename:web'])
  })

  it('is created where no machine has the former name, and blocked where several have', () => {
    expect(planOf('{ renamedFrom: www }').web?.action).toBe('create')
    const { plan, web, stepOf } = planOf('{ renamedFrom: www }', { guests: [named, { ...named, vmid: 20002 }] })
    expect([web?.action, stepOf('rename')]).toEqual(['blocked', undefined])
    expect(plan.problems.map(({ message }) => message)).toEqual([
      '2 VMs have the marker of www: 20001 on pve1 (stopped), 20002 on pve1 (stopped).',
    ])
  })

  it('is renamed and then replaced where both are requested', () => {
    const { web, stepOf } = planOf('{ renamedFrom: www }', { guests: [named], options: { replace: ['web'] } })
    expect(web).toMatchObject({
      action: 'replace',
      changes: [{ key: 'name', before: 'www', after: 'web', when: 'now' }],
    })
    expect(stepOf('replace')?.needs).toContain('rename:web')
  })

  it('with a fixed ID is replaced under its new name, without a rename', () => {
    const { plan, web, stepOf } = planOf('{ vmid: 20001, renamedFrom: www }', {
      guests: [named],
      options: { replace: ['web'] },
    })
    expect(web).toMatchObject({ action: 'replace', changes: [{ key: 'name' }] })
    expect(plan.steps.find(({ kind }) => kind === 'destroy')).toMatchObject({ name: 'www', vmid: 20001 })
    expect(stepOf('rename')).toBeUndefined()
  })

  it('is blocked where a VM of someone else has the new name, unless that is allowed', () => {
    const given = { guests: [named], facts: { namesakes: [{ vmid: 300, node: 'pve2', name: 'web' }] } }
    const { plan, web } = planOf('{ renamedFrom: www }', given)
    expect(web?.action).toBe('blocked')
    expect(plan.problems.map(({ message }) => message)).toEqual([
      '300 on pve2 already has the name web, but no marker of project lab.',
    ])
    expect(planOf('{ renamedFrom: www }', { ...given, options: { allowNamesake: true } }).web?.action).toBe('update')
  })

  it.each([
    ['and its successor exists', [{ ...named, vmid: 20002 }]],
    ['and its successor does not exist yet', []],
  ])('is blocked while its VM is being replaced, %s', (_, more) => {
    const retired = guestFacts(retiredName('www'), { vmid: 20007 })
    const { plan, web } = planOf('{ renamedFrom: www }', { guests: [retired, ...more] })
    expect([web?.action, plan.orphans]).toEqual(['blocked', []])
    expect(plan.problems.map(({ message }) => message)).toEqual([
      'www (20007 on pve1) is being replaced, so it cannot become web yet.',
    ])
  })

  it('no longer stands for a VM with its former name once it has the new one', () => {
    const { plan, web } = planOf('{ renamedFrom: www }', { guests: [as('{}'), { ...named, vmid: 20002 }] })
    expect(web?.action).toBe('keep')
    expect(plan.orphans).toEqual([{ name: 'www', vmid: 20002, node: 'pve1' }])
    expect(planOf('{ renamedFrom: www }', { guests: [named] }).plan.orphans).toEqual([])
  })

  it('stays on its node, even if another one has more room', () => {
    const at = { ...named, node: 'pve2' }
    const { web } = planOf('{ renamedFrom: www, nodes: [pve1, pve2] }', { guests: [at] })
    expect(web).toMatchObject({ node: 'pve2', vmid: 20001 })
  })

  it('does not rename the machine of another entry', () => {
    const state = desiredState('vms: { web: { renamedFrom: www }, www: {} }')
    const plan = makePlan(state, factsOf({ guests: [machineAsDeclared(state, 'www', { base: BASE })] }))
    expect(plan.machines.map(({ name, action }) => `${name} ${action}`)).toEqual(['web create', 'www keep'])
  })

  it('is unchanged after it has the new name', () => {
    expect(planOf('{ renamedFrom: www }', { guests: [as('{}')] }).web?.action).toBe('keep')
  })
})

describe('a machine on another node than the manifest says', () => {
  const there = as('{}', { node: 'pve2' })

  it('stays there, and the plan says so with the command that moves it', () => {
    const { web, stepOf } = planOf('{}', { guests: [there] })
    expect(web).toMatchObject({
      node: 'pve2',
      action: 'keep',
      differences: [
        { key: 'node', declared: 'pve1', is: 'pve2', hint: 'To move it: pve-provision apply --move --only web' },
      ],
    })
    expect(stepOf('move')).toBeUndefined()
  })

  it('moves first on request, and is then changed on the new node', () => {
    const { web, stepOf } = planOf('{ memory: 2 GiB }', { guests: [there], options: { move: true } })
    expect(web).toMatchObject({ node: 'pve1', action: 'move' })
    expect(web?.changes[0]).toEqual({ key: 'node', before: 'pve2', after: 'pve1', when: 'now' })
    expect(stepOf('move')).toMatchObject({
      vmid: 20001,
      node: 'pve2',
      to: 'pve1',
      live: false,
      lanes: ['node:pve2', 'node:pve1'],
    })
    expect(stepOf('update')).toMatchObject({ node: 'pve1', needs: ['move:web'] })
  })

  it('moves while it runs', () => {
    const { stepOf } = planOf('{}', { guests: [{ ...there, status: 'running' }], options: { move: true } })
    expect(stepOf('move')).toMatchObject({ live: true })
  })

  it('is a problem where Proxmox keeps it from the node', () => {
    const obstacles = { pve1: { missingStorages: [], blockedBy: ['vm:7'] } }
    const guest = { ...there, migration: { localVolumes: [], localResources: [], obstacles } }
    const { plan, stepOf } = planOf('{}', { guests: [guest], options: { move: true } })
    expect(stepOf('move')?.problem).toBeDefined()
    expect(plan.problems.map(({ message }) => message)).toContain('web (20001) cannot move to pve1: vm:7 prevents it.')
  })

  it('stays where several nodes are allowed and it is on one of them', () => {
    const { stepOf } = planOf('{ nodes: [pve1, pve2] }', { guests: [there], options: { move: true } })
    expect(stepOf('move')).toBeUndefined()
  })
})

describe('a machine that is paused', () => {
  const paused = { ...as('{ start: true }'), status: 'running', isPaused: true } as const
  const running = { ...paused, isPaused: false }
  const waiting = { pending: [{ key: 'memory', value: 512, after: 1024 }] }

  it('is reported where the manifest has `start: true`', () => {
    const { web } = planOf('{ start: true }', { guests: [paused] })
    expect(web).toMatchObject({ action: 'keep', differences: [{ key: 'start', is: 'paused', declared: true }] })
    expect(planOf('{}', { guests: [paused] }).web?.differences).toBeUndefined()
    expect(planOf('{ start: true }', { guests: [running] }).web?.differences).toBeUndefined()
  })

  it.each([
    ['restarted', { restart: true }, 'restart'],
    ['replaced', { replace: ['web'] }, 'replace'],
  ])('is not %s: the plan says how to resume it', (word, options, kind) => {
    const { plan, web, stepOf } = planOf('{ start: true }', { guests: [{ ...paused, ...waiting }], options })
    expect(web?.action).toBe('blocked')
    expect(plan.problems).toMatchObject([
      {
        message: `web (20001) is paused, so it cannot be shut down to be ${word}.`,
        hint: expect.stringContaining('qm resume 20001'),
      },
    ])
    expect(stepOf(kind)?.problem).toBeDefined()
    expect(planOf('{ start: true }', { guests: [{ ...running, ...waiting }], options }).web?.action).toBe(kind)
  })
})

describe('a machine that the HA manager has given up on', () => {
  const lost = { ...as('{ start: true }'), ha: { state: 'started', current: 'error' } }

  it('is not replaced while it runs, because Proxmox leaves its shutdown to the manager', () => {
    const options = { replace: ['web'] }
    const { plan, web } = planOf('{ start: true }', { guests: [{ ...lost, status: 'running' }], options })
    expect(web?.action).toBe('blocked')
    expect(plan.problems).toMatchObject([
      {
        message: expect.stringMatching(/^web \(20001 on pve1\) cannot be replaced: the HA manager has given up on it/),
        hint: expect.stringContaining('ha-manager set vm:20001 --state disabled'),
      },
    ])
    for (const guest of [
      { ...lost, status: 'stopped' },
      { ...lost, status: 'running', ha: { state: 'started', current: 'started' } },
    ] as const)
      expect(planOf('{}', { guests: [guest], options }).web?.action).toBe('replace')
  })
})

describe('a machine that Proxmox has locked', () => {
  const locked = (lock: string) => ({ ...as('{ start: true }'), status: 'running', lock }) as const
  const change = '{ start: true, memory: 2 GiB }'

  it.each([
    ['a backup', 'backup', /^web \(20001\) is locked \(backup\), so Proxmox refuses to change it\.$/],
    ['its suspension to disk', 'suspended', /^web \(20001\) is suspended to disk, so Proxmox refuses to change it\.$/],
  ])('by %s is a problem of the plan, if something would change', (_, lock, message) => {
    for (const options of [{}, { replace: ['web'] }]) {
      const { plan, web } = planOf(change, { guests: [locked(lock)], options })
      expect([web?.action, plan.problems.map((problem) => problem.message)]).toEqual([
        'blocked',
        [expect.stringMatching(message)],
      ])
    }
    expect(planOf('{ start: true }', { guests: [locked(lock)] }).plan.problems).toEqual([])
  })

  it('while it is created is waited for', () => {
    expect(planOf(change, { guests: [locked('create')] }).web?.action).toBe('update')
  })

  it('and suspended to disk is resumed by its start', () => {
    const { web, stepOf } = planOf('{ start: true }', { guests: [{ ...locked('suspended'), status: 'stopped' }] })
    expect([web?.action, stepOf('start')?.action]).toEqual(['update', 'run'])
  })
})

describe('machines with fixed IDs that are replaced', () => {
  const state = desiredState('vms: { web: { count: 2, vmid: { from: 500 }, rollout: { batch: 1 } } }')
  const guests = ['web-1', 'web-2'].map((name, index) => ({
    ...machineAsDeclared(state, name, { base: BASE, vmid: 500 + index }),
    status: 'running' as const,
  }))
  const { steps } = makePlan(state, factsOf({ guests }), { replace: ['web'] })
  const destroyOf = (name: string) => steps.find((step) => step.kind === 'destroy' && step.name === name)

  it('go in batches', () => {
    expect(destroyOf('web-1')?.gate).toMatchObject({ before: [], batch: 1 })
    expect(destroyOf('web-2')?.gate).toMatchObject({ before: ['start:web-1'], batch: 2 })
  })

  it('run again if they ran', () => {
    expect(steps.find(({ id }) => id === 'start:web-1')).toMatchObject({ action: 'run', why: 'the old VM was running' })
    const stopped = guests.map((guest) => ({ ...guest, status: 'stopped' as const }))
    const plan = makePlan(state, factsOf({ guests: stopped }), { replace: ['web'] })
    expect(plan.steps.filter(({ kind }) => kind === 'start')).toEqual([])
  })
})

describe('a machine that is replaced', () => {
  it('has another digest once it has been replaced', () => {
    const uuid = (digit: string) => ({ config: { smbios1: `uuid=${digit.repeat(8)}` } })
    const digestOf = (keys: string, rest: Parameters<typeof as>[1]) =>
      planOf(keys, { guests: [as(keys, rest)], options: { replace: ['web'] } }).plan.digest
    const first = digestOf('{}', uuid('1'))
    expect(digestOf('{}', uuid('1'))).toBe(first)
    expect(digestOf('{}', { ...uuid('2'), vmid: 20002 })).not.toBe(first)
    expect(digestOf('{ vmid: 20001 }', uuid('1'))).not.toBe(digestOf('{ vmid: 20001 }', uuid('2')))
  })

  it('detaches disks that the manifest no longer has, and the plan says so', () => {
    const old = as('{ disks: [{ size: 1 GiB }, { size: 2 GiB }] }')
    const guest = {
      ...old,
      marker: { ...old.marker, disks: 'scsi1,scsi2' },
      config: { ...old.config, scsi1: 'disks:1/vm-1-disk-1.raw,size=1G', scsi2: 'disks:1/vm-1-disk-2.raw,size=2G' },
    }
    const changesOf = (keys: string) => planOf(keys, { guests: [guest], options: { replace: ['web'] } }).web?.changes
    expect(changesOf('{ disks: [{ size: 1 GiB }] }')).toEqual([
      { key: 'disks[scsi2]', before: '2 GiB on disks', when: 'now', impact: 'detached' },
    ])
    expect(changesOf('{ disks: [{ size: 1 GiB }, { size: 2 GiB }] }')).toEqual([])
  })

  it.each(['{ start: false }', '{ start: false, vmid: 20001 }'])('starts again if it runs: %s', (keys) => {
    const planned = (status: 'running' | 'stopped') =>
      planOf(keys, { guests: [as(keys, { status, vmid: 20001 })], options: { replace: ['web'] } }).web
    expect(planned('running')).toMatchObject({ action: 'replace', startsAgain: true })
    expect(planned('stopped')).not.toHaveProperty('startsAgain')
  })

  it('must be among those that the run includes', () => {
    const both = desiredState('vms: { web: {}, mail: {} }')
    expect(() => makePlan(both, factsOf(), { only: ['web'], replace: ['mail'] })).toThrow(
      '--only leaves out mail, so nothing would be replaced.',
    )
    expect(makePlan(both, factsOf(), { only: ['web'], replace: ['web'] }).machines).toHaveLength(1)
  })

  it('is replaced with a new one on its own node', () => {
    const { web, stepOf } = planOf('{}', { guests: [as('{}', { node: 'pve2' })], options: { replace: ['web'] } })
    expect(web).toMatchObject({ node: 'pve2', action: 'replace' })
    expect(stepOf('replace')).toMatchObject({
      why: 'replaces 20001',
      old: { vmid: 20001, node: 'pve2' },
      templateFrom: 'template:fast@pve2/disks',
    })
  })

  it('is replaced completely where an earlier run started that, without a new request', () => {
    const retired = guestFacts(retiredName('web'), { vmid: 20007 })
    const { stepOf } = planOf('{}', { guests: [retired] })
    expect(stepOf('replace')).toMatchObject({
      why: 'its replacement was started but not finished',
      old: { vmid: 20007, node: 'pve1' },
    })
  })

  it('is not touched where it is protected', () => {
    const guest = as('{ protection: true }')
    const { web, stepOf } = planOf('{ protection: true }', { guests: [guest], options: { replace: ['web'] } })
    expect(web?.action).toBe('blocked')
    expect(stepOf('replace')?.problem?.message).toMatch(/protect/)
  })
})
