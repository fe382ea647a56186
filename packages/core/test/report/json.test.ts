// The documents of `--json`: all keys that scripts rely on, and no others.
import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/errors.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import type { Step } from '../../src/plan/step.ts'
import { errorDocument, planDocument, reportDocument } from '../../src/report/json.ts'
import { desiredState, factsOf, machineAsDeclared } from '../support/given.ts'

const STEP: Step = {
  kind: 'remove-volume',
  id: 'remove-volume:old',
  action: 'run',
  why: 'nothing uses it',
  needs: [],
  lanes: [],
  at: { node: 'pve1', storage: 'local' },
  volid: 'local:import/old.qcow2',
}
const METRICS = {
  bytesDownloaded: 1,
  bytesUploaded: 2,
  bytesSaved: 3,
  apiRequests: 4,
  cacheHits: 5,
  retries: 6,
  wallMs: 7,
  serialMs: 8,
}

describe('the document of an error', () => {
  it('has its code and sentence, and a hint where there is one', () => {
    expect(errorDocument(new ProvisionError('TASK', 'It failed.'))).toEqual({ code: 'TASK', message: 'It failed.' })
    expect(errorDocument(new ProvisionError('TASK', 'It failed.', { hint: 'Look.', details: {} }))).toEqual({
      code: 'TASK',
      message: 'It failed.',
      hint: 'Look.',
    })
  })
})

describe('the document of a plan', () => {
  it('counts the steps that would change something, each with its needs and its reason', () => {
    const plan = makePlan(desiredState('vms: { web: {} }'), factsOf())
    const document = planDocument(plan)
    expect(Object.keys(document).toSorted()).toEqual(
      ['changes', 'digest', 'machines', 'notes', 'orphans', 'problems', 'steps', 'version'].toSorted(),
    )
    expect(document).toMatchObject({ version: 2, changes: 3, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) })
    expect(document.steps.filter(({ action }) => action === 'run').map(({ id, needs }) => [id, needs])).toEqual([
      ['pull:fast@pve1/local', ['resolve:fast']],
      ['template:fast@pve1/disks', ['pull:fast@pve1/local']],
      ['create:web', ['template:fast@pve1/disks']],
    ])
    for (const step of document.steps)
      expect(Object.keys(step).toSorted()).toEqual(['action', 'id', 'kind', 'needs', 'why'])
  })

  it('has the changes of an update', () => {
    const before = desiredState('vms: { web: { cores: 1 } }')
    const guests = [machineAsDeclared(before, 'web')]
    const { changes, steps } = planDocument(makePlan(desiredState('vms: { web: { cores: 2 } }'), factsOf({ guests })))
    expect(changes).toBe(1)
    expect(steps.find(({ kind }) => kind === 'update')?.changes).toMatchObject([{ key: 'cores', before: 1, after: 2 }])
  })

  it('does not count a blocked step, and has its problem instead', () => {
    const problem = new ProvisionError('CONFLICT', 'Somebody else has it.')
    const plan = makePlan(desiredState('vms: {}'), factsOf())
    const { changes, steps } = planDocument({ ...plan, steps: [STEP, { ...STEP, id: 'remove-volume:other', problem }] })
    expect(changes).toBe(1)
    expect(steps.map((step) => step.problem)).toEqual([
      undefined,
      { code: 'CONFLICT', message: 'Somebody else has it.' },
    ])
  })
})

describe('the document of a report', () => {
  it('has each step with its times, without empty fields', () => {
    const document = reportDocument({
      ok: false,
      changed: true,
      outcomes: [
        { step: STEP, status: 'done', ms: 12.5, startedAtMs: 3, result: { warnings: ['a grey day'], volid: 'x' } },
        { step: STEP, status: 'failed', ms: 1, startedAtMs: 4, error: new ProvisionError('TASK', 'a bad day') },
        { step: STEP, status: 'blocked', ms: 0, startedAtMs: 5, by: 'create:web' },
      ],
      machines: [{ name: 'web', status: 'kept', addresses: [], tags: [] }],
      notes: ['one'],
      metrics: METRICS,
      cachedFacts: { ageMs: 1, requestsSaved: 2 },
    })
    const step = { id: 'remove-volume:old', kind: 'remove-volume', why: 'nothing uses it' }
    expect(document).toEqual({
      ok: false,
      changed: true,
      steps: [
        { ...step, status: 'done', ms: 12.5, startedAtMs: 3, warnings: ['a grey day'] },
        { ...step, status: 'failed', ms: 1, startedAtMs: 4, error: { code: 'TASK', message: 'a bad day' } },
        { ...step, status: 'blocked', ms: 0, startedAtMs: 5, by: 'create:web' },
      ],
      vms: [{ name: 'web', status: 'kept', addresses: [], tags: [] }],
      notes: ['one'],
      metrics: METRICS,
    })
  })
})
