// A run as a Mermaid gantt: a section for each image and machine, a bar for each step that took time.
import type { Outcome, Step } from '@pve-provision/core'

/** More bars than this are unreadable, and slow to draw. */
const BARS_LIMIT = 60

/**
 * The text of a Mermaid gantt, or nothing when no step took time. The longest steps are shown, in the order of the plan.
 * Times count from the beginning of the execution.
 */
export function ganttOf(outcomes: readonly Outcome[], barsLimit: number = BARS_LIMIT): string | undefined {
  const timed = outcomes.filter(({ status, ms }) => status !== 'kept' && status !== 'blocked' && ms > 0)
  if (timed.length === 0 || barsLimit === 0) return undefined
  const shown = new Set(timed.toSorted((one, other) => other.ms - one.ms).slice(0, barsLimit))
  const sections = Map.groupBy(
    timed.filter((outcome) => shown.has(outcome)),
    ({ step }) => subjectOf(step),
  )
  const lastEndMs = Math.max(...timed.map(({ startedAtMs, ms }) => startedAtMs + ms))
  return [
    'gantt',
    '  dateFormat x',
    `  axisFormat ${lastEndMs < 10_000 ? '%S.%L' : '%M:%S'}`,
    ...[...sections].flatMap(([subject, bars]) => [`  section ${label(subject)}`, ...bars.map(bar)]),
  ].join('\n')
}

function subjectOf(step: Step): string {
  if ('machine' in step) return step.machine
  if ('image' in step) return step.image
  return step.kind === 'destroy' ? step.name : step.volid
}

const TAGS = { done: '', failed: 'crit, ', cancelled: 'crit, ', kept: '', blocked: '' } as const

function bar({ step, status, startedAtMs, ms }: Outcome): string {
  const name = status === 'done' ? step.kind : `${step.kind} ${status}`
  const beginMs = Math.round(startedAtMs)
  // A bar without length is not drawn.
  return `    ${label(name)} :${TAGS[status]}${beginMs}, ${Math.max(beginMs + 1, Math.round(startedAtMs + ms))}`
}

/** Mermaid ends a name at a colon, a statement at a semicolon, and takes `#` and `%%` for entities and comments. */
function label(text: string): string {
  return text.replace(/[^\p{L}\p{N} ._/@+-]/gu, '_').slice(0, 60)
}
