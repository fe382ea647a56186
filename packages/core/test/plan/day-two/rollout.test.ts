import { describe, expect, it } from 'vitest'
import { createRollouts } from '../../../src/plan/day-two/rollout.ts'
import { desiredState } from '../../support/given.ts'

function gatesOf(tail: string, batch?: number) {
  const rollouts = createRollouts(batch)
  return desiredState(tail).machines.map((machine) => {
    const { before, maxFailures, batch: number } = rollouts.gate(machine, machine.name)
    return `${number}: ${machine.name} after ${before.join(' ') || 'nothing'}, ${maxFailures}`
  })
}

describe('the batches of a rollout', () => {
  it('run one after the other, and stop at the first failure, unless the manifest declares otherwise', () => {
    expect(gatesOf('vms: { w: { count: 3 } }')).toEqual([
      '1: w-1 after nothing, 0',
      '2: w-2 after w-1, 0',
      '3: w-3 after w-1 w-2, 0',
    ])
  })

  it('run in batches: each waits for all earlier ones', () => {
    expect(gatesOf('vms: { w: { count: 5, rollout: { batch: 2, maxFailures: 1 } } }')).toEqual([
      '1: w-1 after nothing, 1',
      '1: w-2 after nothing, 1',
      '2: w-3 after w-1 w-2, 1',
      '2: w-4 after w-1 w-2, 1',
      '3: w-5 after w-1 w-2 w-3 w-4, 1',
    ])
  })

  it('take machines of several entries one after the other', () => {
    expect(gatesOf('vms: { a: { count: 2 }, b: {}, c: { rollout: { batch: 1, wait: none } } }')).toEqual([
      '1: a-1 after nothing, 0',
      '2: a-2 after a-1, 0',
      '3: b after a-1 a-2, 0',
      '4: c after a-1 a-2 b, 0',
    ])
  })

  it('hold machines of several entries', () => {
    expect(
      gatesOf(
        'profiles: { two: { rollout: { batch: 2 } } }\nvms: { a: { profile: two }, b: { profile: two }, c: { profile: two } }',
      ),
    ).toEqual(['1: a after nothing, 0', '1: b after nothing, 0', '2: c after a b, 0'])
  })

  it('of machines with other settings do not wait for each other', () => {
    expect(
      gatesOf('vms: { a: { count: 2 }, b: { rollout: { batch: 2 } }, c: { rollout: { maxFailures: 1 } } }'),
    ).toEqual(['1: a-1 after nothing, 0', '2: a-2 after a-1, 0', '1: b after nothing, 0', '1: c after nothing, 1'])
  })

  it('have one place for a machine that moves and then restarts', () => {
    const rollouts = createRollouts(2)
    const { machines } = desiredState('vms: { w: { count: 3 } }')
    const gates = machines.flatMap((machine) =>
      ['move', 'restart'].map((kind) => rollouts.gate(machine, `${kind}:${machine.name}`)),
    )
    expect(gates.map(({ batch, before }) => `${batch} after ${before.join(' ') || 'nothing'}`)).toEqual([
      ...Array.from({ length: 4 }, () => '1 after nothing'),
      ...Array.from({ length: 2 }, () => '2 after move:w-1 restart:w-1 move:w-2 restart:w-2'),
    ])
  })

  it('run in batches of the size in the command', () => {
    expect(gatesOf('vms: { w: { count: 3, rollout: { batch: 1 } } }', 10)).toEqual([
      '1: w-1 after nothing, 0',
      '1: w-2 after nothing, 0',
      '1: w-3 after nothing, 0',
    ])
  })
})
