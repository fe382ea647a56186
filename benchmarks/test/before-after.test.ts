// The results of the comparison: ratios, tables, the section of the page, and the chart.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chart, inSeconds } from '../before-after/chart.ts'
import { drawing, type Race, ratioInWords, replaceSection, section } from '../before-after/document.ts'
import { figuresOf } from '../before-after/figures.ts'
import { answersTo, questions, type Results } from '../before-after/questions.ts'
import type { LapResult } from '../before-after/race.ts'
import { scenarios } from '../before-after/scenarios.ts'
import { figure, median } from '../support/figures.ts'

const ROOT = join(import.meta.dirname, '../..')
const OURS = 'pve-provision'

/** All others take 10, 20 and 30 seconds, and we take a tenth of that. */
function laps(change: (lap: LapResult) => LapResult = (lap) => lap): Results {
  return Object.fromEntries(
    scenarios.map(({ name, contestants }) => [
      name,
      contestants.flatMap((contestant) =>
        contestant.laps.map((lap) => {
          const factor = contestant.name === OURS ? 0.1 : 1
          const measured = [20, 10, 30].map((seconds) => ({
            wallSeconds: seconds * factor,
            cpuSeconds: seconds * factor * 2,
            peakMiB: 50,
            output: '',
          }))
          return change({ contestant: contestant.name, lap: lap.name, verifies: lap.verifies, measured, errors: [] })
        }),
      ),
    ]),
  )
}

const failing = laps((lap) => (lap.contestant === 'before' ? { ...lap, measured: [], errors: ['no\nway'] } : lap))

const raceWith = (results: Results): Race => ({
  machine: '2 × Some processor',
  load: 0.5,
  beganAt: new Date('2026-11-24T14:00:00Z'),
  runs: 3,
  sizes: [100, 200],
  tools: 'nginx/1.22.1',
  results,
})

describe('a figure', () => {
  it('is the median, of odd and even numbers of runs', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(median([])).toBeNaN()
  })

  it('has the ratio of the medians and the range of the ratios, turn by turn', () => {
    const baseline = { name: 'theirs', values: [10, 10, 40] }
    expect(figure({ name: 'x', unit: 's', values: [1, 2, 4], baseline, target: 0.2 })).toMatchObject({
      value: 2,
      baseline: 10,
      ratio: 0.2,
      ratioRange: [0.1, 0.2],
      ok: true,
    })
  })
})

describe('the questions', () => {
  it('are all answered when everybody took part', () => {
    const answers = answersTo(laps())
    expect(answers).toHaveLength(questions.length)
    for (const { figure: found } of answers) expect(found?.ratio).toBeCloseTo(0.1)
  })

  it('are left out for those who did not take part, and unanswered for those who failed', () => {
    expect(answersTo({ convert: [] })).toEqual([])
    const unanswered = answersTo(failing).filter((answer) => answer.figure === undefined)
    expect(new Set(unanswered.map(({ question }) => question.contestant))).toEqual(new Set(['before']))
  })

  it('leave a row with the error of who failed', () => {
    const rows = figuresOf(failing).filter(({ note }) => note === 'failed: no way')
    expect(rows.map(({ name }) => name)).toContain('limited: before, cold')
    expect(rows.every(({ value }) => Number.isNaN(value))).toBe(true)
  })
})

describe('the section of the page', () => {
  it('says how many times faster, and below twice as fast the share', () => {
    expect(ratioInWords(0.025, [0.02, 0.04])).toBe('**40 times faster** (25–50)')
    expect(ratioInWords(0.2, [0.2, 0.25])).toBe('**5.0 times faster** (4.0–5.0)')
    expect(ratioInWords(0.97, [0.9, 1.1])).toBe('0.97 (0.90–1.10)')
  })

  it('has a row for each question and each lap, and says what was missed', () => {
    const slow = laps((lap) =>
      lap.contestant === OURS && lap.lap === 'warm'
        ? { ...lap, measured: lap.measured.map((one) => ({ ...one, wallSeconds: 40 })) }
        : lap,
    )
    const text = section(raceWith(slow))
    expect(text).toContain(
      '| warm, all converted | 40.0 s | as proposed, warm: 20.0 s | 2.00 (1.33–4.00) | 40 times: **missed** |',
    )
    expect(text).toContain(
      '| cold, all converted | 2.00 s | before, cold: 20.0 s | **10 times faster** (10–10) | at most 0.6 |',
    )
    expect(text).toContain('300 MiB together')
    expect(text).not.toMatch(/NaN|undefined/)
    const rows = text.split('\n').filter((line) => line.startsWith('| ')).length
    const count = scenarios.flatMap(({ contestants }) => contestants.flatMap((contestant) => contestant.laps)).length
    expect(rows).toBe(questions.length + count + 1 + scenarios.length)
  })

  it('goes between the markers that the page has, and nowhere else', () => {
    const page = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8')
    const once = replaceSection(page, 'NEW')
    expect(once).toContain('\nNEW\n')
    expect(replaceSection(once, 'NEW')).toBe(once)
    expect(once.split('## Machines')[1]).toBe(page.split('## Machines')[1])
    expect(() => replaceSection('no markers', 'NEW')).toThrow('lacks the markers')
  })
})

describe('the chart', () => {
  it('has a bar for each lap that it shows, ours told apart, for light and dark', () => {
    const svg = drawing(raceWith(laps()))
    expect(svg.match(/class="ours"/g)).toHaveLength(6)
    expect(svg.match(/<rect/g)?.length).toBeGreaterThan(20)
    expect(svg).toContain('prefers-color-scheme: dark')
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
  })

  it('escapes what is written in it, and shows the shortest bar too', () => {
    const bar = { lowest: 0, highest: 0, isOurs: true }
    const svg = chart('a < b', [
      {
        title: 'c & d',
        bars: [
          { ...bar, label: '<x>', seconds: 0 },
          { label: 'y', seconds: 100, lowest: 90, highest: 120, isOurs: false },
        ],
      },
    ])
    expect(svg).toContain('a &lt; b')
    expect(svg).toContain('c &amp; d')
    expect(svg).toContain('&lt;x&gt;')
    expect(svg).toContain('width="1.5"')
  })

  it('has as many digits as one can read', () => {
    expect([0.257, 5.31, 57.26, 118.4].map(inSeconds)).toEqual(['0.26', '5.31', '57.3', '118'])
  })
})
