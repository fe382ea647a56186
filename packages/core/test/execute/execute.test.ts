import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/errors.ts'
import type { ProvisionEvent } from '../../src/events.ts'
import { type ExecuteOptions, execute } from '../../src/execute/execute.ts'
import type { Runners } from '../../src/execute/run-step.ts'
import type { Step } from '../../src/plan/step.ts'
import type { World } from '../../src/ports/world.ts'
import type { Outcome } from '../../src/report/report.ts'
import { desiredState, factsOf } from '../support/given.ts'
import { virtualClock } from '../support/virtual-clock.ts'

type Act = (step: Step) => Promise<void> | void

/** Runs fake steps on a virtual clock. The executor is real, and the world has only a clock. */
async function run(
  steps: readonly Step[],
  act: Act,
  options: ExecuteOptions & { limits?: string; onLeave?: (step: Step) => void } = {},
) {
  const clock = virtualClock()
  const world = { clock } as unknown as World
  const desired = desiredState(`vms: { web: {} }\nlimits: ${options.limits ?? '{ perStorage: 3 }'}`)
  const runner = async (step: Step) => {
    try {
      await act(step)
      await clock.sleep(10)
      return {}
    } finally {
      options.onLeave?.(step)
    }
  }
  const runners = new Proxy({}, { get: () => runner }) as Runners
  const outcomes = await execute({ steps }, { desired, facts: factsOf(), world }, { ...options, runners })
  return { outcomes, status: Object.fromEntries(outcomes.map(({ step, status }) => [step.id, status])) }
}

function step(id: string, needs: readonly string[] = [], rest: Partial<Step> = {}): Step {
  return { id, kind: 'resolve', image: 'fast', needs, lanes: [], action: 'run', why: 'a test', ...rest } as Step
}

function blockerOf(outcomes: readonly Outcome[], id: string): string | undefined {
  return outcomes.find((outcome) => outcome.step.id === id)?.by
}

describe('execute', () => {
  it('starts a step as soon as its own needs are done, whatever else still runs', async () => {
    const order: string[] = []
    const steps = [step('slow'), step('fast'), step('web', ['fast']), step('db', ['slow'])]
    const webBegan = Promise.withResolvers<void>()
    const clockHog: Act = async ({ id }) => {
      order.push(id)
      if (id === 'web') webBegan.resolve()
      if (id === 'slow') await webBegan.promise
    }
    await run(steps, clockHog)
    expect(order).toEqual(['slow', 'fast', 'web', 'db'])
  })

  it('blocks only what needs a failed step, and names the first cause', async () => {
    const steps = [step('a'), step('b'), step('a2', ['a']), step('a3', ['a2', 'b']), step('b2', ['b'])]
    const { outcomes, status } = await run(steps, ({ id }) => {
      if (id === 'a') throw new ProvisionError('HTTP', 'gone')
    })
    expect(status).toEqual({ a: 'failed', b: 'done', a2: 'blocked', a3: 'blocked', b2: 'done' })
    expect(blockerOf(outcomes, 'a3')).toBe('a')
  })

  it('fails a step that is known to be impossible without running it', async () => {
    const ran: string[] = []
    const problem = new ProvisionError('CHECKSUM', 'no digest')
    const { status } = await run([step('a', [], { problem }), step('b', ['a'])], ({ id }) => void ran.push(id))
    expect(status).toEqual({ a: 'failed', b: 'blocked' })
    expect(ran).toEqual([])
  })

  it('marks steps without changes as kept, without a duration', async () => {
    const { outcomes } = await run([step('a', [], { action: 'keep' })], () => {
      throw new Error('must not run')
    })
    expect(outcomes[0]).toMatchObject({ status: 'kept', ms: 0 })
  })

  it('turns an unknown exception into UNEXPECTED with its cause', async () => {
    const { outcomes } = await run([step('a')], () => {
      throw new TypeError('oops')
    })
    expect(outcomes[0]?.error).toMatchObject({ code: 'UNEXPECTED', cause: new TypeError('oops') })
  })

  it('starts nothing more after an abort, and returns when everything has stopped', async () => {
    const controller = new AbortController()
    let running = 0
    const steps = [step('a'), step('b', ['a']), step('c', ['b'])]
    const { status } = await run(
      steps,
      async ({ id }) => {
        running += 1
        if (id === 'a') controller.abort()
        await setImmediate()
        running -= 1
      },
      { signal: controller.signal },
    )
    expect(status).toEqual({ a: 'done', b: 'cancelled', c: 'cancelled' })
    expect(running).toBe(0)
  })

  it('with stopOnError starts nothing more after a failure, and waits for running steps', async () => {
    const steps = [
      step('a', [], { lanes: ['storage:x'] }),
      step('b', [], { lanes: ['storage:x'] }),
      step('c', [], { lanes: ['storage:x'] }),
    ]
    const act: Act = ({ id }) => {
      if (id === 'a') throw new ProvisionError('PVE', 'no')
    }
    const { status } = await run(steps, act, { stopOnError: true, limits: '{ perStorage: 1 }' })
    expect(status).toEqual({ a: 'failed', b: 'cancelled', c: 'cancelled' })
  })

  it('survives a listener that throws', async () => {
    const { status } = await run([step('a')], () => {}, {
      onEvent: () => {
        throw new Error('listener')
      },
    })
    expect(status).toEqual({ a: 'done' })
  })

  it('reports the start and the end of each step, in that order', async () => {
    const events: string[] = []
    const onEvent = (event: ProvisionEvent) => {
      if (event.type === 'started') events.push(`started ${event.step.id}`)
      if (event.type === 'settled') events.push(`settled ${event.outcome.step.id}`)
    }
    await run([step('a'), step('b', ['a'])], () => {}, { onEvent })
    expect(events).toEqual(['started a', 'settled a', 'started b', 'settled b'])
  })

  it('for any graph: never exceeds a width, never starts before its needs, one outcome per step', async () => {
    const graph = fc.array(
      fc.record({
        needs: fc.array(fc.nat(), { maxLength: 3 }),
        lane: fc.constantFrom('storage:x', 'storage:y', 'node:n'),
        fails: fc.boolean(),
      }),
      { minLength: 1, maxLength: 30 },
    )
    await fc.assert(
      fc.asyncProperty(graph, fc.integer({ min: 1, max: 3 }), async (nodes, width) => {
        const steps = nodes.map(({ needs, lane }, index) =>
          step(`s${index}`, index === 0 ? [] : [...new Set(needs.map((need) => `s${need % index}`))], {
            lanes: [lane],
          }),
        )
        const settled = new Set<string>()
        const inLane = new Map<string, number>()
        const onEvent = (event: ProvisionEvent) => {
          if (event.type === 'settled') settled.add(event.outcome.step.id)
        }
        const onLeave = ({ lanes: [lane = ''] }: Step) => void inLane.set(lane, (inLane.get(lane) ?? 0) - 1)
        const act: Act = ({ id, needs, lanes: [lane = ''] }) => {
          expect(needs.every((need) => settled.has(need))).toBe(true)
          inLane.set(lane, (inLane.get(lane) ?? 0) + 1)
          expect(inLane.get(lane)).toBeLessThanOrEqual(width)
          if (nodes[Number(id.slice(1))]?.fails) throw new ProvisionError('PVE', 'no')
        }
        const { outcomes } = await run(steps, act, {
          onEvent,
          onLeave,
          limits: `{ perStorage: ${width}, perNode: ${width} }`,
        })
        expect(outcomes.map((outcome) => outcome.step.id)).toEqual(steps.map(({ id }) => id))
        expect(outcomes.filter(({ error }) => error?.code === 'UNEXPECTED')).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})
