// `plan`: what apply would do, and why; changes nothing.
import { changesIn, complaintsAbout, type Plan, type PlanComplaint, planDocument, prepare } from '@pve-provision/core'
import { recallDurations } from '../durations.ts'
import { EXIT } from '../exit-codes.ts'
import { type RunOptions, withRun } from '../run.ts'
import { writeDocument, writeText } from '../text/output.ts'
import { planText } from '../text/plan-text.ts'
import { answerPaper } from '../text/terminal.ts'

export interface PlanCommandOptions extends RunOptions {
  readonly detailedExitcode?: boolean
}

export function planCommand(options: PlanCommandOptions): Promise<number> {
  return withRun(options, async ({ desired, world, provisionOptions }) => {
    const prepared = await prepare(desired, world, provisionOptions)
    const { plan, facts, desired: complete } = prepared
    const complaints = complaintsAbout(complete, facts, plan)
    const how = { durations: await recallDurations(world), complaints, verbose: options.verbose === true }
    if (options.json) writeDocument(planDocument(plan, complaints))
    else writeText(planText(plan, answerPaper, how))
    return (
      exitCodeOfApply(complaints, plan) ?? (options.detailedExitcode && changesIn(plan) > 0 ? EXIT.changes : EXIT.fine)
    )
  })
}

/** What an apply of this plan is sure to end with; nothing where it may well go through. */
function exitCodeOfApply(complaints: readonly PlanComplaint[], { steps }: Plan): number | undefined {
  if (complaints.length > 0)
    return complaints.every(({ code }) => code === 'PERMISSION') ? EXIT.notPermitted : EXIT.failed
  return steps.some(({ problem }) => problem) ? EXIT.failed : undefined
}
