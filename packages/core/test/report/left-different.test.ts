import { describe, expect, it } from 'vitest'
import type { PlannedMachine } from '../../src/plan/plan.ts'
import { leftDifferent } from '../../src/report/left-different.ts'

function machine(rest: Partial<PlannedMachine> = {}): PlannedMachine {
  return { name: 'a', vmid: 101, node: 'pve1', action: 'keep', changes: [], ...rest }
}

const outdated = { from: '0'.repeat(16), to: 'f'.repeat(16) }
const differences = [{ key: 'node', is: 'pve1', declared: 'pve2', hint: '' }]
const pending = [{ key: 'memory', before: 1, after: 2, when: 'restart' }] as const
const orphan = { name: 'old', vmid: 102, node: 'pve1' }

describe('what a plan leaves different', () => {
  it('is nothing where each machine is as declared', () => {
    expect(leftDifferent({ machines: [machine(), machine()], orphans: [] })).toEqual([])
  })

  it.each([
    ['a difference', { machines: [machine({ differences })], orphans: [] }, ['1 machine differs from the manifest']],
    [
      'a change that waits',
      { machines: [machine({ pending }), machine({ differences })], orphans: [] },
      ['2 machines differ from the manifest'],
    ],
    [
      'an older build',
      { machines: [machine({ outdated }), machine()], orphans: [] },
      ['1 machine runs an older build of its image'],
    ],
    [
      'several older builds',
      { machines: [machine({ outdated }), machine({ outdated })], orphans: [] },
      ['2 machines run an older build of their image'],
    ],
    ['an orphan', { machines: [], orphans: [orphan] }, ['1 machine is not in the manifest']],
  ])('counts %s', (_situation, plan, clauses) => {
    expect(leftDifferent(plan)).toEqual(clauses)
  })

  it('counts a machine that differs and is of an older build as both', () => {
    const machines = [machine({ outdated, differences }), machine({ outdated })]
    expect(leftDifferent({ machines, orphans: [orphan, orphan] })).toEqual([
      '1 machine differs from the manifest',
      '2 machines run an older build of their image',
      '2 machines are not in the manifest',
    ])
  })
})
