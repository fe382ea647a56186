// `plan`: what apply would do, and why; changes nothing.
import { isAsDeclared, type Plan, prepare } from '@pve-provision/core'
import { planDocument } from '@pve-provision/core/text'
import { recallDurations } from '../durations.ts'
import { EXIT } from '../exit-codes.ts'
import { type RunOptions, withRun } from '../run.ts'
import { writeDocument, writeText } from '../text/output.ts'
import { planText } from '../text/plan-text.ts'
import { stdoutTerminal } from '../text/terminal.ts'

export interface PlanCommandOptions extends RunOptions {
  readonly detailedExitcode?: boolean
}

export function planCommand(options: PlanCommandOptions): Promise<number> {
  return withRun(options, async ({ desired, world, provisionOptions }) => {
    const { plan } = await prepare(desired, world, provisionOptions)
    const how = { durations: await recallDurations(world), verbose: options.verbose === true }
    if (options.json) writeDocument(planDocument(plan))
    else writeText(planText(plan, stdoutTerminal, how))
    return exitCodeOfApply(plan) ?? (options.detailedExitcode && !isAsDeclared(plan) ? EXIT.changes : EXIT.fine)
  })
}

/** What an apply of this plan is sure to end with; nothing where it may well go through. */
function exitCodeOfApply({ problems }: Plan): number | undefined {
  if (problems.length === 0) return undefined
  const isRefused = problems.every(({ code, step }) => step === undefined && code === 'PERMISSION')
  return isRefused ? EXIT.notPermitted : EXIT.failed
}
