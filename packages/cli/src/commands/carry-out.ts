// What apply, destroy and prune share: plan, show, ask, execute, tell.
import { type apply, changesIn, type Prepared, ProvisionError, type prepare, reportDocument } from '@pve-provision/core'
import { recallDurations, rememberDurations } from '../durations.ts'
import { EXIT, exitCodeOfReport } from '../exit-codes.ts'
import { type Run, type RunOptions, withRun } from '../run.ts'
import { confirm } from '../text/confirm.ts'
import { planText } from '../text/plan-text.ts'
import { reportText } from '../text/report-text.ts'
import { showEvents } from '../text/show-events.ts'

export interface CarryOutOptions extends RunOptions {
  readonly autoApprove?: boolean
}

export interface Deed {
  readonly prepare: typeof prepare
  readonly apply: typeof apply
  readonly question: string
}

export function carryOut(options: CarryOutOptions, deed: Deed): Promise<number> {
  return withRun(options, (run) => carryOutIn(run, options, deed))
}

export async function carryOutIn(run: Run, options: CarryOutOptions, deed: Deed): Promise<number> {
  const { desired, world, provisionOptions, signal } = run
  const prepared = await deed.prepare(desired, world, provisionOptions)
  if (!options.json) process.stderr.write(planText(prepared.plan, await recallDurations(world)))
  if (!(await isApproved(prepared, options, deed.question))) {
    process.stderr.write('Nothing was changed.\n')
    return EXIT.fine
  }
  const show = await showEvents({
    quiet: changesIn(prepared.plan) === 0,
    verbose: options.verbose === true,
    live: !options.json,
  })
  try {
    const report = await deed.apply(prepared, world, { ...provisionOptions, onEvent: show.onEvent })
    show.end()
    await rememberDurations(report, world)
    if (options.json) process.stdout.write(`${JSON.stringify(reportDocument(report))}\n`)
    else process.stderr.write(reportText(report))
    return exitCodeOfReport(report, signal.aborted)
  } finally {
    show.end()
  }
}

async function isApproved({ plan }: Prepared, { autoApprove }: CarryOutOptions, question: string): Promise<boolean> {
  if (changesIn(plan) === 0 || autoApprove) return true
  if (process.stdin.isTTY) return confirm(question)
  throw new ProvisionError('MANIFEST', 'There are changes to approve, and no terminal to ask on.', {
    hint: 'Look at `pve-provision plan`, then give --auto-approve.',
  })
}
