// A plan as a person reads it: what changes first, then how long it should take.
import { bytesText, changesIn, countText, durationText, type Plan, type Step } from '@pve-provision/core'
import type { Durations } from '../durations.ts'
import { columnsOf } from './columns.ts'
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

export interface PlanTextOptions {
  readonly durations?: Durations
  /** Also what is kept, with the reason. */
  readonly verbose?: boolean
}

export function planText(plan: Plan, { durations = new Map(), verbose = false }: PlanTextOptions = {}): string {
  const running = plan.steps.filter(({ action }) => action === 'run')
  const lines = (verbose ? plan.steps : running).flatMap(stepLines)
  if (lines.length > 0) lines.push('')
  if (running.length === 0) lines.push('Nothing to do: everything is as declared.')
  else lines.push(closing(plan, running, durations))
  return `${[...lines, ...plan.notes.flatMap(noteLines)].join('\n')}\n`
}

function noteLines(note: string): string[] {
  const [first = '', ...rest] = wrap(note, columnsOf() - 5)
  return [`${paint.yellow('note')} ${first}`, ...rest.map((line) => `     ${line}`)]
}

function closing(plan: Plan, running: readonly Step[], durations: Durations): string {
  const kept = plan.steps.length - running.length
  const bytes = running.reduce((sum, step) => sum + ('sizeBytes' in step ? (step.sizeBytes ?? 0) : 0), 0)
  const traffic = bytes > 0 ? `, ${bytesText(bytes)} to fetch` : ''
  const estimate = estimateMs(running, durations)
  const time = estimate === undefined ? '' : `; about ${roughly(estimate)}, going by past runs`
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

/** An estimate is not to look like a measurement. */
function roughly(ms: number): string {
  return durationText(Math.max(1, Math.round(ms / 1000)) * 1000).replace('.0 s', ' s')
}

const REASON_COLUMN = 46
/** Narrower than this a column is hard to read. */
const NARROWEST_REASON = 36

/** The reason stands beside the name where there is room, wrapped at words; below it where there is none. */
function stepLines(step: Step): string[] {
  const subject = step.id.slice(step.id.indexOf(':') + 1)
  const reason = step.problem ? step.problem.message : step.why
  const head = `${VERB[step.kind].padEnd(13)} ${subject}`
  const column = Math.max(REASON_COLUMN, head.length + 4)
  const width = columnsOf() - column - 1
  const isBeside = width >= NARROWEST_REASON || column + reason.length < columnsOf()
  const lines = wrap(reason, isBeside ? width : columnsOf() - 5)
  if (!isBeside) return [`${signOf(step)} ${head}`, ...lines.map((line) => `    ${paint.dim(line)}`)]
  const [first = '', ...rest] = lines
  return [
    `${signOf(step)} ${head.padEnd(column - 2)}${paint.dim(first)}`,
    ...rest.map((line) => `${' '.repeat(column)}${paint.dim(line)}`),
  ]
}

function signOf(step: Step): string {
  if (step.action === 'keep') return paint.dim('=')
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
