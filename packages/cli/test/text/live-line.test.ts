// The line of a running step, at any width.
import type { Progress, Step } from '@pve-provision/core'
import { describe, expect, it } from 'vitest'
import { liveLines, type RunningStep, withProgress, withStage } from '../../src/text/live-line.ts'

const MIB = 1024 ** 2

function running(id = 'download:fast'): RunningStep {
  return { step: { id } as Step, sinceMs: 0, samples: [] }
}

/** A step that has reported these amounts of 100 MiB, one each second. */
function afterSeconds(...amounts: readonly number[]): RunningStep {
  const progress = (done: number): Progress => ({ done: done * MIB, total: 100 * MIB, unit: 'bytes' })
  return amounts.reduce((entry, done, index) => withProgress(entry, progress(done), (index + 1) * 1000), running())
}

const lineOf = (entry: RunningStep, columns: number, nowMs: number) => liveLines([entry], columns, nowMs)[0] ?? ''

describe('a live line', () => {
  it('shows bar, percentage, amount, rate and remaining time', () => {
    expect(lineOf(afterSeconds(10, 20, 30), 120, 3000)).toBe(
      '… download:fast  ━━━━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄   30 %  30.0 MiB  10.0 MiB/s  7.0 s left',
    )
  })

  it('shows the rate of the last seconds, not of the whole step', () => {
    const slowed = afterSeconds(50, 80, 80, 80, 80, 80, 80, 81)
    expect(lineOf(slowed, 120, 8000)).toContain('KiB/s')
    expect(lineOf(slowed, 120, 8000)).not.toContain('MiB/s')
  })

  it('shows figures instead of a bar where the terminal is narrow, and never more than fits', () => {
    expect(lineOf(afterSeconds(10, 20, 30), 60, 3000)).toBe('… download:fast   30 %  30.0 MiB  10.0 MiB/s  7.0 s left')
    for (const columns of [20, 30, 40, 50, 60, 80]) {
      expect(lineOf(afterSeconds(10, 20, 30), columns, 3000).length).toBeLessThan(Math.max(columns, 16))
    }
  })

  it('shows the elapsed time where there is nothing to measure, or nothing left', () => {
    expect(lineOf(running(), 80, 2300)).toBe('… download:fast  2.3 s')
    expect(lineOf(afterSeconds(50, 100), 80, 4000)).toMatch(/100 % {2}100 MiB {2}4\.0 s$/)
  })

  it('shows the stage of a step, aligned with others, and its progress from then on', () => {
    const cloned = withStage(afterSeconds(50, 100), 'starting')
    const lines = liveLines([cloned, withStage(running('restart:b'), 'waiting until it is healthy')], 80, 4000)
    expect(lines).toEqual([
      '… download:fast  starting                     4.0 s',
      '… restart:b      waiting until it is healthy  4.0 s',
    ])
    for (const columns of [20, 30, 40, 50]) expect(liveLines([cloned], columns, 4000)[0]?.length).toBeLessThan(columns)
  })

  it('cuts long names, and aligns short ones', () => {
    const lines = liveLines([running('create:a'), running(`create:${'b'.repeat(60)}`)], 80, 1000)
    expect(lines[0]?.indexOf('1.0 s')).toBe(lines[1]?.indexOf('1.0 s'))
    expect(lines[1]).toContain('b…')
  })
})
