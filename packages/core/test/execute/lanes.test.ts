import { describe, expect, it } from 'vitest'
import { createLanes, type LaneSettings } from '../../src/execute/lanes.ts'
import { desiredState } from '../support/given.ts'

function lanesOf(stated = '{}', settings: Partial<LaneSettings> = {}) {
  const { limits } = desiredState(`vms: { web: {} }\nlimits: ${stated}`)
  return createLanes({ limits, now: () => 0, ...settings })
}

const nothing = async () => {}

describe('lanes', () => {
  it('have the width in the manifest, one lane per storage', () => {
    const lanes = lanesOf('{ perStorage: 4, perNode: 8 }')
    expect(lanes.width('storage:pve1/local')).toBe(4)
    expect(lanes.width('node:pve1')).toBe(8)
  })

  it('start at a width for the type of storage where the manifest declares none', () => {
    const types: Readonly<Record<string, string>> = {
      'storage:ceph': 'rbd',
      'storage:share': 'nfs',
      'storage:a/b': 'dir',
    }
    const lanes = lanesOf('{}', { storageType: (lane) => types[lane] })
    expect(Object.keys(types).map((lane) => lanes.width(lane))).toEqual([10, 3, 10])
    expect(lanes.width('storage:nobody-knows')).toBe(10)
    expect(lanes.width('node:a')).toBe(10)
  })

  it('grow by one with each quick success, up to a bound', async () => {
    const lanes = lanesOf()
    const widths = []
    for (let time = 0; time < 16; time++) {
      await lanes.run(['storage:a'], nothing)
      widths.push(lanes.width('storage:a'))
    }
    expect(widths).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 24, 24])
  })

  it('do not grow beyond the width in the manifest', async () => {
    const lanes = lanesOf('{ perStorage: 4 }')
    for (let time = 0; time < 20; time++) await lanes.run(['storage:a'], nothing)
    expect(lanes.width('storage:a')).toBe(4)
  })

  it('do not grow with long copies, nor with failures', async () => {
    let nowMs = 0
    const lanes = lanesOf('{}', { now: () => nowMs })
    await lanes.run(['storage:a'], async () => {
      nowMs += 10_001
    })
    await expect(lanes.run(['storage:a'], () => Promise.reject(new Error('full')))).rejects.toThrow('full')
    expect(lanes.width('storage:a')).toBe(10)
  })

  it('halve on a lock timeout, never below one, and only where locks contend', () => {
    const lanes = lanesOf('{ perStorage: 4, conversions: 2 }')
    for (let time = 0; time < 5; time++) lanes.narrow(['storage:a', 'convert'])
    expect(lanes.width('storage:a')).toBe(1)
    expect(lanes.width('storage:b')).toBe(4)
    expect(lanes.width('convert')).toBe(2)
  })

  it('grow slowly after a lock timeout: by one after as many successes as they are wide', async () => {
    const lanes = lanesOf('{ perStorage: 4 }')
    lanes.narrow(['storage:a'])
    const widths = [lanes.width('storage:a')]
    for (let time = 0; time < 12; time++) {
      await lanes.run(['storage:a'], nothing)
      widths.push(lanes.width('storage:a'))
    }
    expect(widths).toEqual([2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4])
  })

  it('do not deadlock two tasks that need the same two lanes in any order', async () => {
    const lanes = lanesOf('{ perStorage: 1, perNode: 1 }')
    const done: string[] = []
    const task = (name: string) => async () => void done.push(name)
    await Promise.all([
      lanes.run(['node:n', 'storage:s'], task('one')),
      lanes.run(['storage:s', 'node:n'], task('two')),
    ])
    expect(done).toEqual(['one', 'two'])
  })

  it('admit the next task when a task leaves one lane before its end, and hold the others', async () => {
    const lanes = lanesOf('{ perStorage: 1, perNode: 2 }')
    const order: string[] = []
    const gate = Promise.withResolvers<void>()
    const first = lanes.run(['storage:s', 'node:n'], async (leave) => {
      order.push('first cloned')
      leave(['storage:s'])
      await gate.promise
      order.push('first done')
      return 'first'
    })
    await lanes.run(['storage:s', 'node:n'], async () => void order.push('second cloned'))
    gate.resolve()
    expect(await first).toBe('first')
    expect(order).toEqual(['first cloned', 'second cloned', 'first done'])
  })
})
