// Formats running steps, one line each: name, stage, bar, percentage, amount, rate, time left. Parts that do not fit are left
// out.
import type { Progress, Step } from '@pve-provision/core'
import { bytesText, durationText } from '@pve-provision/core/text'
import { stderrTerminal } from './terminal.ts'

const { paint } = stderrTerminal

interface Sample {
  readonly done: number
  readonly atMs: number
}

export interface RunningStep {
  readonly step: Step
  readonly sinceMs: number
  readonly progress?: Progress
  /** What the step does at the moment, if it says so. */
  readonly stage?: string
  /** Progress over the last seconds, so that rates are current and not averages of the whole step. */
  readonly samples: readonly Sample[]
}

const BAR_CELLS = 20
const LONGEST_NAME = 34
/** In a narrower terminal, numbers are more useful than a bar. */
const COLUMNS_FOR_BAR = 72
const WINDOW_MS = 5_000
/** A rate over a shorter time would fluctuate. */
const SHORTEST_WINDOW_MS = 500

/** Returns the step with new progress. */
export function withProgress(running: RunningStep, progress: Progress, nowMs: number): RunningStep {
  const recent = running.samples.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS)
  return { ...running, progress, samples: [...recent, { done: progress.done, atMs: nowMs }] }
}

/** Returns the step at its next stage, which has its own progress. */
export function withStage({ step, sinceMs }: RunningStep, stage: string): RunningStep {
  return { step, sinceMs, stage, samples: [] }
}

/** Formats one line for each step, with aligned names. Parts that do not fit are left out, starting from the right. */
export function liveLines(running: readonly RunningStep[], columns: number, nowMs: number): readonly string[] {
  const nameCells = Math.min(LONGEST_NAME, Math.max(...running.map(({ step }) => step.id.length)))
  const stageCells = Math.max(...running.map(({ stage = '' }) => stage.length))
  return running.map((entry) => {
    const { id } = entry.step
    const name = id.length > nameCells ? `${id.slice(0, nameCells - 1)}…` : id.padEnd(nameCells)
    let line = `${paint.dim('…')} ${name}`
    let width = 2 + name.length
    for (const { text, dim } of [...stageOf(entry, stageCells), ...partsOf(entry, columns, nowMs)]) {
      width += 2 + text.length
      if (width >= columns) break
      line += `  ${dim ? paint.dim(text) : text}`
    }
    return line
  })
}

interface Part {
  readonly text: string
  readonly dim?: boolean
}

function stageOf({ stage }: RunningStep, cells: number): readonly Part[] {
  return cells === 0 ? [] : [{ text: (stage ?? '').padEnd(cells) }]
}

function partsOf({ progress, samples, sinceMs }: RunningStep, columns: number, nowMs: number): readonly Part[] {
  const elapsed = { text: durationText(Math.round((nowMs - sinceMs) / 100) * 100), dim: true }
  if (progress === undefined) return [elapsed]
  const { done, total, unit } = progress
  const share = total ? Math.min(1, done / total) : undefined
  const percent = share === undefined ? [] : [{ text: `${Math.floor(share * 100)} %`.padStart(5) }]
  const bar = share === undefined || columns < COLUMNS_FOR_BAR ? percent : [{ text: barOf(share) }, ...percent]
  if (unit !== 'bytes') return [...bar, elapsed]
  const rate = rateOf(samples, nowMs)
  const amount = { text: bytesText(done) }
  if (rate === 0 || share === 1) return [...bar, amount, elapsed]
  const left = total ? [{ text: `${durationText(((total - done) / rate) * 1000)} left`, dim: true }] : []
  return [...bar, amount, { text: `${bytesText(rate)}/s` }, ...left]
}

/** Full and empty cells have different shapes, because color is not always visible. */
function barOf(share: number): string {
  const full = Math.round(share * BAR_CELLS)
  return '━'.repeat(full) + '┄'.repeat(BAR_CELLS - full)
}

/** Returns bytes per second over the window, or 0 if there is too little data. */
function rateOf(samples: readonly Sample[], nowMs: number): number {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || nowMs - first.atMs < SHORTEST_WINDOW_MS) return 0
  return ((last.done - first.done) / (nowMs - first.atMs)) * 1000
}
