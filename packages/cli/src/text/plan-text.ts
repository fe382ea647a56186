// A plan as a person reads it: what changes first, then what is in the way, then how much it is and how long it should take.
import type { Plan, Problem, Step } from '@pve-provision/core'
import { blockedSteps, changesIn } from '@pve-provision/core/advanced'
import { bytesText, countText, durationText } from '@pve-provision/core/text'
import type { Durations } from '../durations.ts'
import { hintLines } from './error-text.ts'
import type { Terminal } from './terminal.ts'
import { wrap } from './wrap.ts'

export interface PlanTextOptions {
  readonly durations?: Durations
  /** Also what is kept, with the reason. */
  readonly verbose?: boolean
}

export function planText(
  plan: Plan,
  terminal: Terminal,
  { durations = new Map(), verbose = false }: PlanTextOptions = {},
): string {
  const problems = plan.problems.filter(({ step }) => step === undefined)
  const shown = plan.steps.filter(({ action }) => verbose || action === 'run')
  const blocked = blockedSteps(plan)
  const nameCells = Math.min(LONGEST_NAME, Math.max(0, ...shown.map(({ id }) => id.length)))
  const sections = [
    shown.flatMap((step) => stepLines(step, { nameCells, terminal, blockedBy: blocked.get(step.id) })),
    problems.length === 0 ? [] : ['In the way of an apply:', ...problems.flatMap((one) => problemLines(one, terminal))],
    [
      ...wrap(closing(plan, { durations, verbose, isRefused: problems.length > 0 }), terminal.columns),
      ...plan.notes.flatMap((note) => noteLines(note, terminal)),
    ],
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function noteLines(note: string, { columns, paint }: Terminal): string[] {
  const [first = '', ...rest] = wrap(note, columns - 5)
  return [`${paint.yellow('note')} ${first}`, ...rest.map((line) => `     ${line}`)]
}

function problemLines({ message, hint }: Problem, { columns, paint }: Terminal): string[] {
  const [first = '', ...rest] = wrap(message, columns - 2)
  return [`${paint.red('✗')} ${first}`, ...rest.map((line) => `  ${line}`), ...hintLines(hint, columns)]
}

function closing(
  plan: Plan,
  {
    durations,
    verbose,
    isRefused,
  }: { readonly durations: Durations; readonly verbose: boolean; readonly isRefused: boolean },
) {
  const running = plan.steps.filter(({ action }) => action === 'run')
  const kept = plan.steps.length - running.length
  if (running.length === 0) return `Nothing to do: everything is as declared (${countText(kept, 'step')} kept).`
  const changes = changesIn(plan)
  const unfit = running.length - changes
  const parts = [
    `${countText(changes, 'step')} to run${isRefused ? ' when that is mended' : ''}`,
    ...(unfit === 0 ? [] : [`${unfit} that cannot`]),
    ...(kept === 0 ? [] : [`${kept} kept${verbose ? '' : ' (--verbose lists them)'}`]),
    ...traffic(running),
  ]
  const estimate = unfit > 0 || isRefused ? undefined : estimateMs(running, durations)
  const time = estimate === undefined ? '' : `; about ${roughly(estimate)}, going by past runs`
  return `${parts.join(', ')}${time}.`
}

/** Bytes that come here and bytes that only Proxmox sees are paid for by different people. */
function traffic(running: readonly Step[]): readonly string[] {
  const sum = (steps: readonly Step[]) =>
    steps.reduce((bytes, step) => bytes + ('sizeBytes' in step ? (step.sizeBytes ?? 0) : 0), 0)
  const here = sum(running.filter(({ kind }) => kind === 'download' || kind === 'stream'))
  const there = sum(running.filter(({ kind }) => kind === 'pull'))
  return [
    ...(here > 0 ? [`${bytesText(here)} to fetch here`] : []),
    ...(there > 0 ? [`${bytesText(there)} for Proxmox to fetch`] : []),
  ]
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

/** The reason of a longer name stands below it. */
const LONGEST_NAME = 40
/** Narrower than this a column is hard to read. */
const NARROWEST_REASON = 36

interface StepLook {
  readonly nameCells: number
  readonly terminal: Terminal
  /** The step that cannot be done, and this one needs. */
  readonly blockedBy: string | undefined
}

/** The reason stands beside the name where there is room, wrapped at words; below it where there is none. */
function stepLines(step: Step, { nameCells, terminal: { columns, paint }, blockedBy }: StepLook): string[] {
  const sign = blockedBy === undefined ? signOf(step, paint) : paint.red('✗')
  const reason = blockedBy === undefined ? (step.problem?.message ?? step.why) : `blocked by ${blockedBy}`
  const reasonAt = 2 + nameCells + 2
  const width = columns - reasonAt - 1
  const isBeside = width >= NARROWEST_REASON && step.id.length <= nameCells
  const lines = wrap(reason, isBeside ? width : columns - 5)
  const hint = step.problem ? hintLines(step.problem.hint, columns) : []
  if (!isBeside) return [`${sign} ${step.id}`, ...lines.map((line) => `    ${paint.dim(line)}`), ...hint]
  const [first = '', ...rest] = lines
  return [
    `${sign} ${step.id.padEnd(reasonAt - 2)}${paint.dim(first)}`,
    ...rest.map((line) => `${' '.repeat(reasonAt)}${paint.dim(line)}`),
    ...hint,
  ]
}

function signOf(step: Step, paint: Terminal['paint']): string {
  if (step.action === 'keep') return paint.dim('=')
  if (step.problem) return paint.red('✗')
  if (step.kind === 'destroy' || step.kind === 'remove-volume') return paint.red('-')
  return step.kind === 'update' ? paint.yellow('~') : paint.green('+')
}
