// Formats the steps of a plan, each with its reason, for `--verbose`.
import type { Plan, Step } from '@pve-provision/core'
import { blockedSteps } from '@pve-provision/core/advanced'
import type { Terminal } from '../terminal.ts'
import { wrap } from '../wrap.ts'

/** The reason of a longer name goes below it. */
const LONGEST_NAME = 40
/** A narrower column is hard to read. */
const NARROWEST_REASON = 36

/** Formats all steps, including those that are kept. */
export function stepLines(plan: Plan, terminal: Terminal): string[] {
  const blocked = blockedSteps(plan)
  const nameCells = Math.min(LONGEST_NAME, Math.max(0, ...plan.steps.map(({ id }) => id.length)))
  return plan.steps.flatMap((step) => linesOf(step, { nameCells, terminal, blockedBy: blocked.get(step.id) }))
}

interface StepLook {
  readonly nameCells: number
  readonly terminal: Terminal
  /** The step that cannot run and that this one needs. */
  readonly blockedBy: string | undefined
}

/** Puts the reason beside the name, wrapped at words. If there is too little room, it goes below the name. */
function linesOf(step: Step, { nameCells, terminal: { columns, paint }, blockedBy }: StepLook): string[] {
  const sign = blockedBy === undefined ? signOf(step, paint) : paint.red('✗')
  const reason = blockedBy === undefined ? (step.problem?.message ?? step.why) : `blocked by ${blockedBy}`
  const reasonAt = 2 + nameCells + 2
  const width = columns - reasonAt - 1
  const isBeside = width >= NARROWEST_REASON && step.id.length <= nameCells
  const lines = wrap(reason, isBeside ? width : columns - 5)
  if (!isBeside) return [`${sign} ${step.id}`, ...lines.map((line) => `    ${paint.dim(line)}`)]
  const [first = '', ...rest] = lines
  return [
    `${sign} ${step.id.padEnd(reasonAt - 2)}${paint.dim(first)}`,
    ...rest.map((line) => `${' '.repeat(reasonAt)}${paint.dim(line)}`),
  ]
}

const REMOVING: ReadonlySet<Step['kind']> = new Set(['destroy', 'remove-volume', 'remove-disks'])

function signOf(step: Step, paint: Terminal['paint']): string {
  if (step.action === 'keep') return paint.dim('=')
  if (step.problem) return paint.red('✗')
  if (REMOVING.has(step.kind)) return paint.red('-')
  return step.kind === 'update' ? paint.yellow('~') : paint.green('+')
}
