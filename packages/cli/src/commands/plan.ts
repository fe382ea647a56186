// `plan`: what apply would do, and why; changes nothing.
import { changesIn, prepare } from '@pve-provision/core'
import type { CommonOptions } from '../cli.ts'
import { EXIT } from '../exit-codes.ts'
import { planJson } from '../text/json.ts'
import { planText } from '../text/plan-text.ts'
import { withRun } from '../run.ts'

export interface PlanCommandOptions extends CommonOptions {
  readonly only?: readonly string[]
  readonly detailedExitcode?: boolean
}

export function planCommand(options: PlanCommandOptions): Promise<number> {
  return withRun(options, async ({ desired, world, provisionOptions }) => {
    const { plan } = await prepare(desired, world, provisionOptions)
    if (options.json) process.stdout.write(`${JSON.stringify(planJson(plan))}\n`)
    else process.stderr.write(planText(plan))
    return options.detailedExitcode && changesIn(plan) > 0 ? EXIT.changes : EXIT.fine
  })
}
