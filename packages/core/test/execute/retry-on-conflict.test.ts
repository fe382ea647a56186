// What is repeated after a change by another user, how often, and what is not.
import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/errors.ts'
import { retryOnConflict } from '../../src/execute/retry-on-conflict.ts'
import type { StepContext } from '../../src/execute/step-context.ts'

const conflict = new ProvisionError('PVE', 'file change by other user', {
  details: { problem: 'digest-mismatch' },
})
const lostReply = new ProvisionError('UNREACHABLE', 'the connection was closed', { details: { lostReply: true } })
const refusal = new ProvisionError('PVE', 'no such storage')

/** An attempt that fails with these errors, one after the other, and then works. Notes the pauses in between. */
function trial(...errors: readonly Error[]) {
  const left = [...errors]
  const pausesMs: number[] = []
  const context = {
    signal: new AbortController().signal,
    world: { clock: { now: () => 0, sleep: async (ms: number) => void pausesMs.push(ms) } },
  } as unknown as StepContext
  const attempt = async () => {
    const error = left.shift()
    if (error !== undefined) throw error
    return 'changed'
  }
  return { attempt, context, pausesMs, left }
}

describe('a change by another user between reading and writing', () => {
  it('leads to another attempt, after a pause that grows', async () => {
    const { attempt, context, pausesMs } = trial(conflict, conflict, conflict)
    expect(await retryOnConflict(attempt, context)).toBe('changed')
    expect(pausesMs).toEqual([500, 1000, 1500])
  })

  it('is the error after the fourth attempt', async () => {
    const { attempt, context, pausesMs } = trial(conflict, conflict, conflict, conflict)
    await expect(retryOnConflict(attempt, context)).rejects.toBe(conflict)
    expect(pausesMs).toHaveLength(3)
  })
})

describe('another error', () => {
  it('ends it at once', async () => {
    const { attempt, context, pausesMs } = trial(conflict, refusal)
    await expect(retryOnConflict(attempt, context)).rejects.toBe(refusal)
    expect(pausesMs).toHaveLength(1)
  })

  it('that means a lost reply ends it, unless the caller looks again by itself', async () => {
    const strict = trial(lostReply)
    await expect(retryOnConflict(strict.attempt, strict.context)).rejects.toBe(lostReply)
    const looking = trial(lostReply, conflict)
    expect(await retryOnConflict(looking.attempt, looking.context, { lostReplies: true })).toBe('changed')
  })
})
