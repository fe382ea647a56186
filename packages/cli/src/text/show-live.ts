// Shows a live line for each running step at the bottom of the terminal. Finished steps move up and stay.
import type { ProvisionEvent } from '@pve-provision/core'
import { createRolloutWatch, durationText, type RolloutWatch } from '@pve-provision/core/text'
import { createLogUpdate } from 'log-update'
import { liveLines, type RunningStep, withProgress, withStage } from './live-line.ts'
import { keepBelow, masked, sayWords } from './output.ts'
import { settledLine } from './settled-line.ts'
import { noteLine, type Show, type ShowOptions } from './show.ts'
import { stderrTerminal } from './terminal.ts'

interface View {
  readonly running: Map<string, RunningStep>
  readonly rollouts: RolloutWatch
  readonly beganMs: number
  settled: number
  total: number
}

const REDRAW_MS = 100
/** Rows below the live lines and the rollouts: the total, and the cursor. */
const OTHER_ROWS = 3

export function showLive({ verbose }: ShowOptions): Show {
  const draw = createLogUpdate(process.stderr)
  const view: View = {
    running: new Map(),
    rollouts: createRolloutWatch(),
    beganMs: performance.now(),
    settled: 0,
    total: 0,
  }
  let timer: NodeJS.Timeout | undefined = setInterval(redraw, REDRAW_MS)
  function redraw(): void {
    if (view.running.size > 0) draw(masked(liveText(view)))
  }
  keepBelow({ lift: () => draw.clear(), put: redraw })
  return {
    onEvent(event) {
      const line = noteLine(event, verbose) ?? settledLineOf(event, view)
      follow(view, event)
      if (line !== undefined) sayWords(`${line}\n`)
    },
    end() {
      if (timer === undefined) return
      clearInterval(timer)
      timer = undefined
      keepBelow(undefined)
      draw.clear()
      draw.done()
      sayWords('\n')
    },
  }
}

function settledLineOf(event: ProvisionEvent, { running }: View): string | undefined {
  return event.type === 'settled' ? settledLine(event.outcome, running.has(event.outcome.step.id)) : undefined
}

function follow(view: View, event: ProvisionEvent): void {
  const nowMs = performance.now()
  view.rollouts.follow(event, nowMs)
  if (event.type === 'planned') view.total = event.plan.steps.filter(({ action }) => action === 'run').length
  if (event.type === 'started') view.running.set(event.step.id, { step: event.step, sinceMs: nowMs, samples: [] })
  if (event.type === 'progress') {
    const entry = view.running.get(event.step.id)
    if (entry) view.running.set(event.step.id, withProgress(entry, event.progress, nowMs))
  }
  if (event.type === 'stage') {
    const entry = view.running.get(event.step.id)
    if (entry) view.running.set(event.step.id, withStage(entry, event.stage))
  }
  if (event.type === 'settled') {
    view.running.delete(event.outcome.step.id)
    if (event.outcome.step.action === 'run') view.settled += 1
  }
}

/** Draws at most as many lines as the terminal has, because lines above its top could not be redrawn. */
function liveText({ running, rollouts, settled, total, beganMs }: View): string {
  const nowMs = performance.now()
  const batches = rollouts.lines(nowMs).map((line) => truncated(`  ${line}`))
  const room = Math.max(1, (process.stderr.rows || 24) - OTHER_ROWS - batches.length)
  const shown = [...running.values()].slice(0, room)
  const lines = liveLines(shown, stderrTerminal.columns, nowMs)
  const more = running.size > shown.length ? `, ${running.size - shown.length} more running` : ''
  const sum = `  ${settled} of ${total} steps, ${durationText(Math.round((nowMs - beganMs) / 1000) * 1000).replace('.0 s', ' s')}${more}`
  return [...lines, ...batches, stderrTerminal.paint.dim(sum)].join('\n')
}

function truncated(line: string): string {
  return line.length < stderrTerminal.columns ? line : `${line.slice(0, stderrTerminal.columns - 2)}…`
}
