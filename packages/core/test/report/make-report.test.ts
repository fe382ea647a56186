// The report of a run, number by number.
import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/errors.ts'
import type { GuestFacts } from '../../src/facts/facts.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import type { Plan } from '../../src/plan/plan.ts'
import type { Step } from '../../src/plan/step.ts'
import { makeReport } from '../../src/report/make-report.ts'
import type { Outcome } from '../../src/report/report.ts'
import { desiredState, factsOf, guestFacts, machineAsDeclared } from '../support/given.ts'

const COUNTERS = { bytesDownloaded: 7, bytesUploaded: 5, bytesSaved: 3, apiRequests: 11, cacheHits: 2, retries: 1 }
const DESIRED = desiredState(`vms:
  web: { cores: 2, start: true, tags: [front], cloudInit: { ip: 10.0.20.11/24, gateway: 10.0.20.1 } }
  db: { image: slow }
`)

/** The outcome of a step in the plan. */
function outcome(plan: Plan, id: string, rest: Partial<Outcome>): Outcome {
  const step = plan.steps.find((each) => each.id === id)
  if (step === undefined) throw new Error(`no step ${id} among ${plan.steps.map((each) => each.id).join()}`)
  return { step, status: 'done', ms: 0, startedAtMs: 0, ...rest }
}

interface Given {
  readonly guests?: readonly GuestFacts[]
  readonly outcomes: (plan: Plan) => readonly Outcome[]
}

function reportOf({ guests = [], outcomes }: Given) {
  const facts = factsOf({ guests })
  const plan = makePlan(DESIRED, facts)
  return makeReport({ desired: DESIRED, facts, plan, outcomes: outcomes(plan), counters: COUNTERS, wallMs: 4_000 })
}

describe('the figures of a report', () => {
  it('are the counters, the wall time, and the total time of all steps', () => {
    const { metrics } = reportOf({
      outcomes: (plan) => [
        outcome(plan, 'create:web', { ms: 3_000, startedAtMs: 100 }),
        outcome(plan, 'start:web', { ms: 250.5, startedAtMs: 3_100 }),
        outcome(plan, 'create:db', { ms: 1_749.5, status: 'kept', startedAtMs: 100 }),
      ],
    })
    expect(metrics).toEqual({ ...COUNTERS, wallMs: 4_000, serialMs: 5_000 })
  })

  it('of a run with nothing to do are zero', () => {
    const report = reportOf({ outcomes: () => [] })
    expect(report).toMatchObject({ ok: true, changed: false, machines: [], metrics: { serialMs: 0 } })
    expect(report).not.toHaveProperty('cachedFacts')
  })
})

describe('a report', () => {
  it('has the place of a machine whose change failed, and none for a machine that could not be created', () => {
    const guests = [guestFacts('web', { config: { cores: 1 } })]
    const error = new ProvisionError('PVE', 'no')
    const { machines } = reportOf({
      guests,
      outcomes: (plan) => [
        outcome(plan, 'update:web', { status: 'failed', error }),
        outcome(plan, 'create:db', { status: 'failed', error }),
      ],
    })
    expect(machines).toMatchObject([{ name: 'web', status: 'failed', vmid: 20_001, node: 'pve1' }, { name: 'db' }])
    expect(machines[1]).not.toHaveProperty('vmid')
  })

  it.each([
    [['done', 'kept'], { ok: true, changed: true }],
    [['kept', 'kept'], { ok: true, changed: false }],
    [['done', 'failed'], { ok: false, changed: true }],
    [['kept', 'blocked'], { ok: false, changed: false }],
    [['kept', 'cancelled'], { ok: false, changed: false }],
  ] as const)('of steps that are %j is %j', (statuses, expected) => {
    const report = reportOf({
      outcomes: (plan) => [
        outcome(plan, 'create:web', { status: statuses[0] }),
        outcome(plan, 'create:db', { status: statuses[1] }),
      ],
    })
    expect(report).toMatchObject(expected)
  })

  it('has the warnings of its steps among its notes', () => {
    const { notes } = reportOf({
      outcomes: (plan) => [
        outcome(plan, 'create:web', { result: { warnings: ['one', 'two'] } }),
        outcome(plan, 'create:db', { result: { warnings: ['three'] } }),
      ],
    })
    expect(notes.slice(-3)).toEqual(['one', 'two', 'three'])
  })
})

describe('a machine in a report', () => {
  const machine = (given: Given, name = 'web') => reportOf(given).machines.find((each) => each.name === name)

  it('that was created and started has its node, addresses and tags, and runs', () => {
    const guest = { vmid: 20_007, node: 'pve1' }
    const made = machine({
      outcomes: (plan) => [
        outcome(plan, 'create:web', { result: { guest } }),
        outcome(plan, 'start:web', { result: { addresses: ['10.0.20.11', 'fd00::11'] } }),
      ],
    })
    expect(made).toEqual({
      name: 'web',
      ...guest,
      status: 'created',
      power: 'running',
      addresses: ['10.0.20.11'],
      ips: ['10.0.20.11', 'fd00::11'],
      tags: ['front'],
      image: 'fast',
    })
  })

  it('that was created and not started is stopped', () => {
    const guest = { vmid: 20_007, node: 'pve1' }
    const made = machine({ outcomes: (plan) => [outcome(plan, 'create:db', { result: { guest } })] }, 'db')
    expect(made).toEqual({
      name: 'db',
      ...guest,
      status: 'created',
      power: 'stopped',
      addresses: [],
      tags: [],
      image: 'slow',
    })
  })

  it('that is kept has the power it was found with', () => {
    const found = machineAsDeclared(DESIRED, 'web', { vmid: 20_007, status: 'running' })
    const guest = { vmid: found.vmid, node: found.node }
    const kept = machine({
      guests: [found],
      outcomes: (plan) => [outcome(plan, 'create:web', { status: 'kept', result: { guest } })],
    })
    expect(kept).toMatchObject({ ...guest, status: 'kept', power: 'running', tags: ['front'] })
    expect(kept).not.toHaveProperty('ips')
  })

  it.each(['failed', 'blocked', 'cancelled'] as const)(
    'with a step that is %s has that status, whatever else was done',
    (status) => {
      const error = new ProvisionError('TASK', 'a bad day')
      const given: Given = {
        outcomes: (plan) => [
          outcome(plan, 'create:web', { result: { guest: { vmid: 20_007, node: 'pve1' } } }),
          outcome(plan, 'start:web', { status, error }),
        ],
      }
      expect(machine(given)).toMatchObject({ status, vmid: 20_007 })
    },
  )

  it('without an attempted step is not in it', () => {
    expect(machine({ outcomes: (plan) => [outcome(plan, 'create:web', {})] }, 'db')).toBeUndefined()
  })

  it('that was removed has no power state, but its former tags and image', () => {
    const old = guestFacts('old', { vmid: 20_009, config: { tags: 'pve-provision;back' } })
    const step: Step = {
      kind: 'destroy',
      id: 'destroy:old',
      action: 'run',
      why: '',
      needs: [],
      lanes: [],
      name: 'old',
      vmid: 20_009,
      node: 'pve1',
      template: false,
    }
    const report = makeReport({
      desired: DESIRED,
      facts: factsOf({ guests: [old] }),
      plan: { machines: [{ name: 'old', vmid: 20_009, node: 'pve1', action: 'remove', changes: [] }], notes: [] },
      outcomes: [{ step, status: 'done', ms: 12, startedAtMs: 0, result: { guest: { vmid: 20_009, node: 'pve1' } } }],
      counters: COUNTERS,
      wallMs: 20,
    })
    expect(report.machines).toEqual([
      { name: 'old', vmid: 20_009, node: 'pve1', status: 'destroyed', addresses: [], tags: ['back'], image: 'fast' },
    ])
  })
})
