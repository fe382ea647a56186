// `plan`: what apply would do, and why; changes nothing.
import { changesIn, complaintsAbout, planDocument, prepare } from '@pve-provision/core'
import { recallDurations } from '../durations.ts'
import { EXIT } from '../exit-codes.ts'
import { type RunOptions, withRun } from '../run.ts'
import { sayWords, writeDocument } from '../text/output.ts'
import { complaintsText, planText } from '../text/plan-text.ts'

export interface PlanCommandOptions extends RunOptions {
  readonly detailedExitcode?: boolean
}

export function planCommand(options: PlanCommandOptions): Promise<number> {
  return withRun(options, async ({ desired, world, provisionOptions }) => {
    const { plan, facts, desired: complete } = await prepare(desired, world, provisionOptions)
    const complaints = complaintsAbout(complete, facts, plan)
    if (options.json) writeDocument(planDocument(plan))
    else sayWords(planText(plan, { durations: await recallDurations(world), verbose: options.verbose === true }))
    if (complaints.length > 0) sayWords(complaintsText(complaints))
    return options.detailedExitcode && changesIn(plan) > 0 ? EXIT.changes : EXIT.fine
  })
}
