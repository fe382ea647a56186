// `plan`: what apply would do, and why; changes nothing.
import { changesIn, findProblems, type Plan, type Problem, planDocument, prepare } from '@pve-provision/core'
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
    const prepared = await prepare(desired, world, provisionOptions)
    const { plan, facts, desired: complete } = prepared
    const problems = findProblems(complete, facts, plan)
    const how = { durations: await recallDurations(world), problems, verbose: options.verbose === true }
    if (options.json) writeDocument(planDocument(plan, problems))
    else writeText(planText(plan, stdoutTerminal, how))
    return (
      exitCodeOfApply(problems, plan) ?? (options.detailedExitcode && changesIn(plan) > 0 ? EXIT.changes : EXIT.fine)
    )
  })
}

/** What an apply of this plan is sure to end with; nothing where it may well go through. */
function exitCodeOfApply(problems: readonly Problem[], { steps }: Plan): number | undefined {
  if (problems.length > 0) return problems.every(({ code }) => code === 'PERMISSION') ? EXIT.notPermitted : EXIT.failed
  return steps.some(({ problem }) => problem) ? EXIT.failed : undefined
}
