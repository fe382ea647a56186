// What a display says about the rollouts of a run, from its events.
import { describe, expect, it } from 'vitest'
import type { Plan } from '../../src/plan/plan.ts'
import type { Step } from '../../src/plan/step.ts'
import type { Outcome, OutcomeStatus } from '../../src/report/report.ts'
import { createRolloutWatch } from '../../src/report/rollout-watch.ts'

function turn(machine: string, batch: number, kind = 'replace'): Step {
  const gate = { rollout: '1/0', entry: machine.replace(/-\d+$/, ''), batch, before: [], maxFailures: 0 }
  return { id: `${kind}:${machine}`, kind, machine, action: 'run', gate } as unknown as Step
}

/** A watch of these steps. Time passes only between the calls. */
function watching(steps: readonly Step[]) {
  const watch = createRolloutWatch()
  watch.follow({ type: 'planned', plan: { steps } as unknown as Plan }, 0)
  const of = (id: string) => steps.find((step) => step.id === id) as Step
  return {
    begin: (id: string, atMs: number) => watch.follow({ type: 'started', step: of(id), atMs }, atMs),
    end: (id: string, atMs: number, status: OutcomeStatus = 'done') =>
      watch.follow({ type: 'settled', outcome: { step: of(id), status } as Outcome, atMs }, atMs),
    lines: (nowMs: number) => watch.lines(nowMs),
  }
}

const FIVE = [turn('web-1', 1), turn('web-2', 1), turn('web-3', 2), turn('web-4', 2), turn('web-5', 3)]

describe('the watch of rollouts', () => {
  it('names each batch when it begins, and from the second on the time that is left', () => {
    const { begin, end } = watching(FIVE)
    expect(begin('replace:web-1', 0)).toBe('web: batch 1 of 3 (web-1, web-2), 0 of 5 machines done')
    expect(begin('replace:web-2', 10)).toBeUndefined()
    end('replace:web-1', 60_000)
    end('replace:web-2', 60_000)
    expect(begin('replace:web-3', 60_000)).toBe(
      'web: batch 2 of 3 (web-3, web-4), 2 of 5 machines done, about 2 min left',
    )
  })

  it('has a line only for what is in progress, and counts machines that failed', () => {
    const { begin, end, lines } = watching(FIVE)
    expect(lines(0)).toEqual([])
    begin('replace:web-1', 0)
    begin('replace:web-2', 0)
    end('replace:web-1', 20_000)
    expect(lines(20_000)).toEqual(['web: batch 1 of 3, 1 of 5 machines done'])
    end('replace:web-2', 20_000, 'failed')
    expect(lines(20_000)).toEqual(['web: batch 1 of 3, 1 of 5 machines done, 1 failed'])
    for (const { id } of FIVE.slice(2)) end(id, 20_000, 'blocked')
    expect(lines(20_000)).toEqual([])
  })

  it('counts a machine that moves and restarts once, when it has done both', () => {
    const { begin, end, lines } = watching([
      turn('db-1', 1, 'move'),
      turn('db-1', 1, 'restart'),
      turn('db-2', 2, 'move'),
      turn('db-2', 2, 'restart'),
    ])
    begin('move:db-1', 0)
    end('move:db-1', 1_000)
    expect(lines(1_000)).toEqual(['db: batch 1 of 2, 0 of 2 machines done'])
    begin('restart:db-1', 1_000)
    end('restart:db-1', 2_000)
    expect(lines(2_000)).toEqual(['db: batch 1 of 2, 1 of 2 machines done'])
  })

  it('names all entries of a rollout', () => {
    const { begin } = watching([turn('web-1', 1), turn('web-2', 2), turn('db', 3)])
    expect(begin('replace:web-1', 0)).toBe('web, db: batch 1 of 3 (web-1), 0 of 3 machines done')
  })

  it('is silent about a rollout of one machine', () => {
    const { begin, lines } = watching([turn('web', 1)])
    expect(begin('replace:web', 0)).toBeUndefined()
    expect(lines(0)).toEqual([])
  })
})
