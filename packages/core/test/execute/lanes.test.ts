import { describe, expect, it } from 'vitest'
import { createLanes } from '../../src/execute/lanes.ts'
import { desiredState } from '../support/given.ts'

const limits = desiredState('vms: { web: {} }\nlimits: { perStorage: 4, perNode: 8 }').limits

describe('lanes', () => {
  it('have the width of their kind, one lane per storage', () => {
    const lanes = createLanes(limits)
    expect(lanes.width('storage:pve1/local')).toBe(4)
    expect(lanes.width('node:pve1')).toBe(8)
  })

  it('halve on a lock timeout, never below one, and only where locks contend', () => {
    const lanes = createLanes(limits)
    for (let time = 0; time < 5; time++) lanes.narrow(['storage:a', 'convert'])
    expect(lanes.width('storage:a')).toBe(1)
    expect(lanes.width('storage:b')).toBe(4)
    expect(lanes.width('convert')).toBe(limits.conversions)
  })

  it('grow by one after as many successes as they are wide, up to their full width', async () => {
    const lanes = createLanes(limits)
    lanes.narrow(['storage:a'])
    const widths = [lanes.width('storage:a')]
    for (let time = 0; time < 12; time++) {
      await lanes.run(['storage:a'], async () => {})
      widths.push(lanes.width('storage:a'))
    }
    expect(widths).toEqual([2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4])
  })

  it('do not deadlock two tasks that need the same two lanes in any order', async () => {
    const lanes = createLanes({ ...limits, perStorage: 1, perNode: 1 })
    const done: string[] = []
    const task = (name: string) => async () => {
      await new Promise((resolve) => setTimeout(resolve, 2))
      done.push(name)
    }
    await Promise.all([
      lanes.run(['node:n', 'storage:s'], task('one')),
      lanes.run(['storage:s', 'node:n'], task('two')),
    ])
    expect(done).toEqual(['one', 'two'])
  })
})
