// Formats a run as a Mermaid gantt chart: a section for each image and machine, a bar for each step that took time.
import type { Outcome, Step } from '@pve-provision/core'
import { subjectOf } from './operations.ts'

/** More bars are unreadable and slow to draw. */
const BARS_LIMIT = 60

/**
 * Returns a Mermaid gantt chart, or undefined if no step took time. It shows the longest steps, in the order of the
 * plan. Times count from the start of the execution.
 */
export function ganttOf(outcomes: readonly Outcome[], barsLimit: number = BARS_LIMIT): string | undefined {
  const timed = outcomes.filter(({ status, ms }) => status !== 'kept' && status !== 'blocked' && ms > 0)
  if (timed.length === 0 || barsLimit === 0) return undefined
  const shown = new Set(timed.toSorted((one, other) => other.ms - one.ms).slice(0, barsLimit))
  const sections = Map.groupBy(
    timed.filter((outcome) => shown.has(outcome)),
    ({ step }) => sectionOf(step),
  )
  const lastEndMs = Math.max(...timed.map(({ startedAtMs, ms }) => startedAtMs + ms))
  return [
    'gantt',
    '  dateFormat x',
    `  axisFormat ${lastEndMs < 10_000 ? '%S.%L' : '%M:%S'}`,
    ...[...sections].flatMap(([subject, bars]) => [`  section ${label(subject)}`, ...bars.map(bar)]),
  ].join('\n')
}

function sectionOf(step: Step): string {
  if ('machine' in step) return step.machine
  if ('image' in step) return step.image
  return subjectOf(step)
}

const TAGS = { done: '', failed: 'crit, ', cancelled: 'crit, ', kept: '', blocked: '' } as const

function bar({ step, status, startedAtMs, ms }: Outcome): string {
  const name = status === 'done' ? step.kind : `${step.kind} ${status}`
  const beginMs = Math.round(startedAtMs)
  // Mermaid does not draw a bar without a length.
  return `    ${label(name)} :${TAGS[status]}${beginMs}, ${Math.max(beginMs + 1, Math.round(startedAtMs + ms))}`
}

/** In Mermaid, a colon ends a name, a semicolon ends a statement, and `#` and `%%` start entities and comments. */
function label(text: string): string {
  return text.replace(/[^\p{L}\p{N} ._/@+-]/gu, '_').slice(0, 60)
}
