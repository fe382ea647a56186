// Creates the section of docs/performance.md that the benchmark writes between its markers, and its chart.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median } from '../support/figures.ts'
import { type Bar, chart, inSeconds, type Panel } from './chart.ts'
import { type Answer, answersTo, cpuSeconds, type Results, wallSeconds } from './questions.ts'
import { type LapResult, MACHINES } from './race.ts'
import { type LapName, type ScenarioName, scenarios } from './scenarios.ts'

export interface Race {
  readonly machine: string
  /** One-minute load average before the start. */
  readonly load: number
  readonly beganAt: Date
  readonly runs: number
  /** MiB of each image. */
  readonly sizes: readonly number[]
  /** Versions of the server and the contestants. */
  readonly tools: string
  readonly results: Results
}

const BEGIN = '<!-- before-and-after: written by `npm run bench` -->'
const END = '<!-- /before-and-after -->'

export function writeDocument(race: Race, root = process.cwd()): void {
  const page = join(root, 'docs/performance.md')
  writeFileSync(page, replaceSection(readFileSync(page, 'utf8'), section(race)))
  writeFileSync(join(root, 'docs/images/before-and-after.svg'), drawing(race))
}

/** @throws Error if the markers are missing */
export function replaceSection(page: string, text: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`docs/performance.md lacks the markers ${BEGIN} and ${END}`)
  return `${page.slice(0, begin + BEGIN.length)}\n${text}\n${page.slice(end)}`
}

export function section(race: Race): string {
  const { machine, load, beganAt, runs, sizes, tools, results } = race
  const total = sizes.reduce((sum, one) => sum + one, 0)
  return `
![Bars of the seconds that each contestant takes, by scenario; the table below has the figures](images/before-and-after.svg)

${machine}; load ${load.toFixed(2)} when it began; ${tools}; ${beganAt.toISOString().slice(0, 10)}.
Medians and ranges of ${runs}, turn by turn; of warm runs below three seconds the middle one of three counts.
Six compressed qcow2 of ${Math.min(...sizes)} to ${Math.max(...sizes)} MiB, ${total} MiB together; ${MACHINES} machines.
The simulator, with Proxmox’s own timings, and nginx ran on the same processors.

| what | pve-provision | against | ratio (range) | target |
|---|---|---|---|---|
${answersTo(results).map(ratioRow).join('\n')}

${scenarios.map(({ name, title }) => lapTable(title, results[name] ?? [])).join('\n\n')}
`
}

const SHORT: Readonly<Record<ScenarioName, string>> = {
  convert: 'all converted',
  limited: '12 MiB/s, nothing converted',
}

function ratioRow({ question, ours, theirs, figure }: Answer): string {
  const value = question.of === 'wall' ? wallSeconds : cpuSeconds
  const seconds = (lap: LapResult) => `${inSeconds(median(lap.measured.map(value)))} s`
  const what = `${question.ours}, ${SHORT[question.scenario]}${question.of === 'cpu' ? ': processor' : ''}`
  const cells = [
    what,
    seconds(ours),
    `${theirs.contestant}, ${theirs.lap}: ${seconds(theirs)}`,
    figure?.ratio === undefined ? '' : ratioInWords(figure.ratio, figure.ratioRange),
    figure?.target === undefined ? '' : `${targetInWords(figure.target)}${figure.ok ? '' : ': **missed**'}`,
  ]
  return `| ${cells.join(' | ')} |`
}

/** Says how many times faster it is, or the share of the time if it is less than several times. */
export function ratioInWords(ratio: number, range: readonly [number, number] = [ratio, ratio]): string {
  const [lowest, highest] = range
  if (ratio > 0.5) return `${ratio.toFixed(2)} (${lowest.toFixed(2)}–${highest.toFixed(2)})`
  return `**${times(ratio)} times faster** (${times(highest)}–${times(lowest)})`
}

function targetInWords(target: number): string {
  return target <= 0.5 ? `${times(target)} times` : `at most ${target}`
}

function times(ratio: number): string {
  const factor = 1 / ratio
  return factor >= 10 ? factor.toFixed(0) : factor.toFixed(1)
}

function lapTable(title: string, laps: readonly LapResult[]): string {
  return `${title}:

| who | wall | processor | largest process | verified |
|---|---|---|---|---|
${laps.map(lapRow).join('\n')}`
}

function lapRow({ contestant, lap, measured, verifies }: LapResult): string {
  const peak = median(measured.map(({ peakMiB }) => peakMiB))
  const cells = [
    `${contestant}, ${lap}`,
    withRange(measured.map(wallSeconds)),
    withRange(measured.map(cpuSeconds)),
    `${peak.toFixed(0)} MiB`,
    verifies,
  ]
  return `| ${cells.join(' | ')} |`
}

function withRange(values: readonly number[]): string {
  return `${inSeconds(median(values))} s (${inSeconds(Math.min(...values))}–${inSeconds(Math.max(...values))})`
}

const PANELS: readonly { readonly scenario: ScenarioName; readonly laps: RegExp; readonly title: string }[] = [
  { scenario: 'convert', laps: /^cold/, title: 'Six images converted to raw, nine machines, from nothing' },
  { scenario: 'limited', laps: /^cold/, title: 'The same at 12 MiB/s a connection, converted by Proxmox' },
  { scenario: 'convert', laps: /^warm/, title: 'Again, with nothing to do' },
  { scenario: 'convert', laps: /^one/, title: 'Again, with one of six images changed and one machine more' },
]

export function drawing({ results }: Race): string {
  const panels = PANELS.map(({ scenario, laps, title }): Panel => {
    const shown = (results[scenario] ?? []).filter(({ lap }) => laps.test(lap))
    return { title, bars: shown.map(bar) }
  })
  return chart('Seconds taken by pve-provision and by what it is compared with; shorter is better', panels)
}

function bar({ contestant, lap, measured }: LapResult): Bar {
  const seconds = measured.map(wallSeconds)
  return {
    label: labelOf(contestant, lap),
    seconds: median(seconds),
    lowest: Math.min(...seconds),
    highest: Math.max(...seconds),
    isOurs: contestant === 'pve-provision',
  }
}

function labelOf(contestant: string, lap: LapName): string {
  const [, how] = lap.split(', ')
  return how === undefined ? contestant : `${contestant}, ${how}`
}
