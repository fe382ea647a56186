// A plan as a person reads it: what changes first, then how long it should take.
import { bytesText, changesIn, countText, durationText, type Plan, type Step } from '@pve-provision/core'
import type { Durations } from '../durations.ts'
import { paint } from './paint.ts'
import { wrap } from './wrap.ts'

const VERB: Record<Step['kind'], string> = {
  resolve: 'find',
  download: 'download',
  convert: 'convert',
  pull: 'pull',
  upload: 'upload',
  stream: 'stream',
  template: 'make template',
  seed: 'write seed',
  create: 'create',
  update: 'update',
  start: 'start',
  wait: 'wait for',
  destroy: 'destroy',
  'remove-volume': 'remove',
}

export function planText(plan: Plan, durations: Durations = new Map()): string {
  const running = plan.steps.filter(({ action }) => action === 'run')
  const lines = running.flatMap(stepLines)
  if (running.length === 0) lines.push('Nothing to do: everything is as declared.')
  else lines.push('', closing(plan, running, durations))
  return `${[...lines, ...plan.notes.map((note) => `${paint.yellow('note')} ${note}`)].join('\n')}\n`
}

function closing(plan: Plan, running: readonly Step[], durations: Durations): string {
  const kept = plan.steps.length - running.length
  const bytes = running.reduce((sum, step) => sum + ('sizeBytes' in step ? (step.sizeBytes ?? 0) : 0), 0)
  const traffic = bytes > 0 ? `, ${bytesText(bytes)} to fetch` : ''
  const estimate = estimateMs(running, durations)
  const time = estimate === undefined ? '' : `; about ${durationText(estimate)}, going by past runs`
  return `${countText(changesIn(plan), 'step')} to run, ${kept} to keep${traffic}${time}.`
}

/** The longest way through the plan by the times of past runs; nothing where a kind of step was never seen here. */
function estimateMs(running: readonly Step[], durations: Durations): number | undefined {
  const ends = new Map<string, number>()
  for (const { id, kind, needs } of running) {
    const ms = durations.get(kind)
    if (ms === undefined) return undefined
    ends.set(id, ms + Math.max(0, ...needs.map((need) => ends.get(need) ?? 0)))
  }
  return Math.max(...ends.values())
}

const REASON_COLUMN = 46

/** Beside the name where the reason fits, below it, wrapped at words, where it does not. */
function stepLines(step: Step): string[] {
  const subject = step.id.slice(step.id.indexOf(':') + 1)
  const reason = step.problem ? step.problem.message : step.why
  const columns = process.stderr.columns ?? Number.POSITIVE_INFINITY
  const head = `${signOf(step)} ${VERB[step.kind].padEnd(13)} ${subject}`
  const gap = Math.max(2, REASON_COLUMN - (16 + subject.length))
  if (16 + subject.length + gap + reason.length < columns) return [`${head}${' '.repeat(gap)}${paint.dim(reason)}`]
  return [head, ...wrap(reason, columns - 5).map((line) => `    ${paint.dim(line)}`)]
}

function signOf(step: Step): string {
  if (step.problem) return paint.red('✗')
  if (step.kind === 'destroy' || step.kind === 'remove-volume') return paint.red('-')
  return step.kind === 'update' ? paint.yellow('~') : paint.green('+')
}

/** What is in the way of a plan, each with what mends it. */
export function complaintsText(
  complaints: readonly { readonly sentence: string; readonly remedy: readonly string[] }[],
): string {
  const lines = complaints.flatMap(({ sentence, remedy }) => [
    `${paint.red('✗')} ${sentence}`,
    ...remedy.map((line) => `    ${line}`),
  ])
  return `\nIn the way of an apply:\n${lines.join('\n')}\n`
}
