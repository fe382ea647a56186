// One live line a running step, with bytes, percent, rate and time left; finished ones move up and stay.
import { bytesText, durationText, type Progress, type ProvisionEvent, type Step } from '@pve-provision/core'
import { createLogUpdate } from 'log-update'
import { paint } from './paint.ts'
import { settledLine } from './settled-line.ts'
import { noteLine, type Show, type ShowOptions } from './show-events.ts'

interface Running {
  readonly step: Step
  readonly sinceMs: number
  progress?: Progress
  /** Where and when its progress was first seen: the rate counts from there. */
  first?: { readonly done: number; readonly atMs: number }
}

const REDRAW_MS = 100
const BAR_CELLS = 20

export function showLive({ verbose }: ShowOptions): Show {
  const draw = createLogUpdate(process.stderr)
  const running = new Map<string, Running>()
  let timer: NodeJS.Timeout | undefined = setInterval(redraw, REDRAW_MS)
  function redraw(): void {
    draw([...running.values()].map((entry) => liveLine(entry, process.stderr.columns ?? 80)).join('\n'))
  }
  function say(line: string): void {
    draw.clear()
    process.stderr.write(`${line}\n`)
    redraw()
  }
  return {
    onEvent(event) {
      const note = noteLine(event, verbose)
      if (note !== undefined) say(note)
      follow(running, event)
      if (event.type === 'settled' && event.outcome.status !== 'kept') say(settledLine(event.outcome))
    },
    end() {
      if (timer === undefined) return
      clearInterval(timer)
      timer = undefined
      draw.clear()
      draw.done()
    },
  }
}

function follow(running: Map<string, Running>, event: ProvisionEvent): void {
  if (event.type === 'started') running.set(event.step.id, { step: event.step, sinceMs: performance.now() })
  if (event.type === 'settled') running.delete(event.outcome.step.id)
  const entry = event.type === 'progress' ? running.get(event.step.id) : undefined
  if (entry === undefined || event.type !== 'progress') return
  entry.progress = event.progress
  entry.first ??= { done: event.progress.done, atMs: performance.now() }
}

/** As much as fits: name, bar, amount, rate, time left; on narrow terminals from the right the less important goes. */
export function liveLine({ step, sinceMs, progress, first }: Running, columns: number): string {
  const elapsed = durationText(Math.round((performance.now() - sinceMs) / 100) * 100)
  const parts = progress === undefined ? [paint.dim(elapsed)] : progressParts(progress, first, elapsed)
  const name = step.id.length > 34 ? `${step.id.slice(0, 33)}…` : step.id.padEnd(34)
  let line = `${paint.dim('…')} ${name}`
  let width = 2 + name.length
  for (const part of parts) {
    const length = visibleLength(part) + 2
    if (width + length > columns - 1) break
    line += `  ${part}`
    width += length
  }
  return line
}

function progressParts({ done, total, unit }: Progress, first: Running['first'], elapsed: string): string[] {
  const share = total ? Math.min(1, done / total) : undefined
  const bar =
    share === undefined
      ? []
      : [
          `${'━'.repeat(Math.round(share * BAR_CELLS))}${paint.dim('━'.repeat(BAR_CELLS - Math.round(share * BAR_CELLS)))}`,
        ]
  const percent = share === undefined ? [] : [`${Math.floor(share * 100)} %`.padStart(5)]
  if (unit !== 'bytes') return [...bar, ...percent, paint.dim(elapsed)]
  const seconds = first ? (performance.now() - first.atMs) / 1000 : 0
  const rate = first && seconds > 0.5 ? (done - first.done) / seconds : 0
  const speed = rate > 0 ? [`${bytesText(rate)}/s`] : []
  const left =
    rate > 0 && total && done < total ? [paint.dim(`${durationText(((total - done) / rate) * 1000)} left`)] : []
  return [...bar, ...percent, bytesText(done), ...speed, ...left]
}

function visibleLength(text: string): number {
  return text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '').length
}
