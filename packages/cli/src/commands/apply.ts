// `apply`: shows the plan, asks, executes it and tells what happened.
import { apply, prepare } from '@pve-provision/core'
import { EXIT } from '../exit-codes.ts'
import { writeLock } from '../lock.ts'
import { pinToday } from '../pinning.ts'
import { withRun } from '../run.ts'
import { saySentence } from '../text/output.ts'
import { type RunPlanOptions, runPlan, runPlanIn } from './run-plan.ts'

const DEED = { prepare, apply, question: 'Make these changes?', nothing: 'Nothing to do, everything is as declared' }

export function applyCommand(options: RunPlanOptions): Promise<number> {
  return options.updateImages ? applyMoved(options) : runPlan(options, DEED)
}

/** The lock file moves to what the vendors publish today; it is written once the run with it went well. */
function applyMoved(options: RunPlanOptions): Promise<number> {
  return withRun(options, async (run) => {
    const { lock, changes } = await pinToday(run, options)
    for (const change of changes) saySentence(`${change}`)
    const moved = { ...run, provisionOptions: { ...run.provisionOptions, lock } }
    const exitCode = await runPlanIn(moved, options, DEED)
    if (exitCode === EXIT.fine && changes.length > 0) writeLock(options, lock)
    return exitCode
  })
}
