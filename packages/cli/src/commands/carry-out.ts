// What apply and destroy share: plan, show, ask, execute, tell.
import { type apply, changesIn, type prepare, ProvisionError } from '@pve-provision/core'
import { exitCodeOfReport, EXIT } from '../exit-codes.ts'
import { confirm } from '../text/confirm.ts'
import { reportJson } from '../text/json.ts'
import { planText } from '../text/plan-text.ts'
import { reportText } from '../text/report-text.ts'
import { showEvents } from '../text/show-events.ts'
import { type RunOptions, withRun } from '../run.ts'

export interface CarryOutOptions extends RunOptions {
  readonly autoApprove?: boolean
}

export interface Deed {
  readonly prepare: typeof prepare
  readonly apply: typeof apply
  readonly question: string
}

export function carryOut(options: CarryOutOptions, deed: Deed): Promise<number> {
  return withRun(options, async ({ desired, world, provisionOptions, interruption }) => {
    const prepared = await deed.prepare(desired, world, provisionOptions)
    const changes = changesIn(prepared.plan)
    if (!options.json) process.stderr.write(planText(prepared.plan))
    if (changes > 0 && !options.autoApprove && !(await approved(deed.question))) {
      process.stderr.write('Nothing was changed.\n')
      return EXIT.fine
    }
    const show = showEvents({ quiet: changes === 0, verbose: options.verbose === true })
    const report = await deed.apply(prepared, world, { ...provisionOptions, onEvent: show.onEvent })
    show.end()
    if (options.json) process.stdout.write(`${JSON.stringify(reportJson(report))}\n`)
    else process.stderr.write(reportText(report))
    return exitCodeOfReport(report, interruption.aborted)
  })
}

async function approved(question: string): Promise<boolean> {
  if (process.stdin.isTTY) return confirm(question)
  throw new ProvisionError('MANIFEST', 'There are changes to approve, and no terminal to ask on.', {
    hint: 'Look at `pve-provision plan`, then give --auto-approve.',
  })
}
