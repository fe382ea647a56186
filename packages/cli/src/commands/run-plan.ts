// The common part of apply, destroy and prune: plan, show, confirm, execute, report.
import { type apply, type Prepared, ProvisionError, type prepare } from '@pve-provision/core'
import { changesIn } from '@pve-provision/core/advanced'
import { reportDocument } from '@pve-provision/core/text'
import { recallDurations, rememberDurations } from '../durations.ts'
import { EXIT, exitCodeOfReport } from '../exit-codes.ts'
import { type Run, type RunOptions, withRun } from '../run.ts'
import { confirm, confirmByWord } from '../text/confirm.ts'
import { sayWords, writeDocument } from '../text/output.ts'
import { idleText, planText } from '../text/plan/plan-text.ts'
import { reportText } from '../text/report-text.ts'
import { showEvents } from '../text/show-events.ts'
import { stderrTerminal } from '../text/terminal.ts'

export interface RunPlanOptions extends RunOptions {
  readonly autoApprove?: boolean
  /** Called with the plan before the confirmation and before any change. */
  readonly onPrepared?: (prepared: Prepared) => void
}

export interface Operation {
  readonly prepare: typeof prepare
  readonly apply: typeof apply
  readonly question: string | ((prepared: Prepared) => string)
  /** A word to type in place of yes, for what cannot be undone. */
  readonly word?: (prepared: Prepared) => string | undefined
  /** The message if there is nothing to do, without a full stop. */
  readonly nothing: string
}

export function runPlan(options: RunPlanOptions, operation: Operation): Promise<number> {
  return withRun(options, (run) => runPlanIn(run, options, operation))
}

export async function runPlanIn(run: Run, options: RunPlanOptions, operation: Operation): Promise<number> {
  const { desired, world, provisionOptions, signal } = run
  const prepared = await operation.prepare(desired, world, provisionOptions)
  options.onPrepared?.(prepared)
  const hasChanges = changesIn(prepared.plan) > 0
  // Show the plan before the confirmation. If there is nothing to do, the report says so.
  if (hasChanges && !(options.json && options.autoApprove)) {
    const text = planText(prepared.plan, {
      desired: prepared.desired,
      terminal: stderrTerminal,
      durations: await recallDurations(world),
      verbose: options.verbose === true,
    })
    sayWords(text)
  }
  // If a problem blocks the plan, skip the confirmation: apply fails before the first change.
  const isRefused = prepared.plan.problems.some(({ step }) => step === undefined)
  const isApproved =
    !hasChanges || isRefused || (await approve(questionOf(operation, prepared), options, operation.word?.(prepared)))
  if (!isApproved) {
    sayWords('Nothing was changed.\n')
    return EXIT.fine
  }
  const show = await showEvents({
    quiet: !hasChanges,
    verbose: options.verbose === true,
  })
  try {
    const report = await operation.apply(prepared, show.onEvent)
    show.end()
    await rememberDurations(report, world)
    if (options.json) writeDocument(reportDocument(report))
    else {
      const nothing = idleText(prepared.plan, operation.nothing)
      sayWords(reportText(report, { nothing, verbose: options.verbose === true }))
    }
    return exitCodeOfReport(report, signal.aborted)
  } finally {
    show.end()
  }
}

function questionOf({ question }: Operation, prepared: Prepared): string {
  return typeof question === 'string' ? question : question(prepared)
}

/** @throws ProvisionError `USAGE` if there is no terminal to ask on */
export async function approve(question: string, { autoApprove }: RunPlanOptions, word?: string): Promise<boolean> {
  if (autoApprove) return true
  if (process.stdin.isTTY)
    return word === undefined ? confirm(question) : confirmByWord(`${question} Type ${word} to continue:`, word)
  throw new ProvisionError('USAGE', 'There are changes to approve, but no terminal to ask on.', {
    hint: 'Review the plan above, then use --auto-approve; or save a plan with `plan --out FILE` (to remove machines, add --destroy), and run `apply FILE`.',
  })
}
