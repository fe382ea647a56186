// `plan`: shows what apply would do, and why. It changes nothing.
import { isAsDeclared, type Plan, prepare, prepareDestroy } from '@pve-provision/core'
import { planDocument } from '@pve-provision/core/text'
import { recallDurations } from '../durations.ts'
import { EXIT } from '../exit-codes.ts'
import { savePlan } from '../plan-file.ts'
import { choicesOf, type RunOptions, withRun } from '../run.ts'
import { writeDocument, writeText } from '../text/output.ts'
import { planText } from '../text/plan/plan-text.ts'
import { stdoutTerminal } from '../text/terminal.ts'
import { nothingToRemove } from './destroy.ts'

export interface PlanCommandOptions extends RunOptions {
  readonly detailedExitcode?: boolean
  /** Plan the removal of what exists. */
  readonly destroy?: boolean
  /** Where to save the plan. */
  readonly out?: string
}

export function planCommand(options: PlanCommandOptions): Promise<number> {
  return withRun(options, async ({ desired, world, provisionOptions }) => {
    const prepared = await (options.destroy ? prepareDestroy : prepare)(desired, world, provisionOptions)
    const { plan } = prepared
    if (options.out !== undefined) savePlan(options.out, prepared, askedFor(options))
    if (options.json) writeDocument(planDocument(plan))
    else
      writeText(
        planText(plan, {
          desired: prepared.desired,
          terminal: stdoutTerminal,
          durations: await recallDurations(world),
          verbose: options.verbose === true,
          ...(options.destroy && { nothing: nothingToRemove(options) }),
        }),
      )
    return exitCodeOfApply(plan) ?? (options.detailedExitcode && !isAsDeclared(plan) ? EXIT.changes : EXIT.fine)
  })
}

function askedFor(options: PlanCommandOptions) {
  const { destroy, file, lockFile, var: variables } = options
  const operation = destroy ? ('destroy' as const) : ('apply' as const)
  return {
    operation,
    file,
    ...(variables && { var: variables }),
    ...(lockFile !== undefined && { lockFile }),
    choices: choicesOf(options),
  }
}

/** Returns the exit code with which an apply of this plan would certainly fail. Returns undefined if it may succeed. */
function exitCodeOfApply({ problems }: Plan): number | undefined {
  if (problems.length === 0) return undefined
  const isRefused = problems.every(({ code, step }) => step === undefined && code === 'PERMISSION')
  return isRefused ? EXIT.notPermitted : EXIT.failed
}
