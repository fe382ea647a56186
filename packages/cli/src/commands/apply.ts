// `apply`: shows the plan, asks for confirmation, executes it and prints the result. It can also execute a saved plan.
import { apply, type Prepared, prepare, prepareDestroy, type Step } from '@pve-provision/core'
import { EXIT } from '../exit-codes.ts'
import { writeLock } from '../lock.ts'
import { readPlan, requireSame } from '../plan-file.ts'
import { withRun } from '../run.ts'
import { saySentence } from '../text/output.ts'
import { type Operation, type RunPlanOptions, runPlan, runPlanIn } from './run-plan.ts'

const OPERATION: Operation = {
  prepare,
  apply,
  question: (prepared) =>
    replacesAll(prepared) ? 'This replaces all machines of the project.' : 'Make these changes?',
  word: losses,
  nothing: 'Nothing to do',
}

/**
 * Returns what to type before data disks are removed, or before all machines of the project are replaced: the name of
 * the machine, or of the project if there are several. Returns undefined if nothing of this happens.
 */
function losses(prepared: Prepared): string | undefined {
  const { plan, desired } = prepared
  if (replacesAll(prepared)) return desired.project
  const names = new Set(plan.steps.flatMap((step) => (step.action === 'run' ? (nameOfLoss(step) ?? []) : [])))
  return names.size > 1 ? desired.project : [...names][0]
}

/** Machines whose name was given to --replace need not be named twice. */
function replacesAll({ plan, desired, facts, options }: Prepared): boolean {
  const replaced = plan.machines.filter(({ action }) => action === 'replace').length
  const own = facts.guests.filter(({ marker: { kind, project } }) => kind === 'machine' && project === desired.project)
  return options.replaceOutdated === true && replaced > 1 && replaced === own.length
}

function nameOfLoss(step: Step): string | undefined {
  if (step.kind === 'remove-disks') return step.machine
  return step.kind === 'destroy' && !step.template ? step.name : undefined
}

export function applyCommand(planFile: string | undefined, options: RunPlanOptions): Promise<number> {
  if (planFile !== undefined) return applySaved(planFile, options)
  return options.updateImages ? applyMoved(options) : runPlan(options, OPERATION)
}

/** Executes exactly a saved plan. It was already reviewed, so there is no confirmation. */
function applySaved(planFile: string, options: RunPlanOptions): Promise<number> {
  const saved = readPlan(planFile)
  const { operation, file, lockFile, choices, nodes, var: variables } = saved
  const asked: RunPlanOptions = {
    ...options,
    ...choices,
    file,
    nodes,
    ...(variables && { var: variables }),
    ...(lockFile !== undefined && { lockFile }),
    autoApprove: true,
    onPrepared: (prepared) => requireSame(planFile, saved, prepared),
  }
  return runPlan(asked, operation === 'destroy' ? { ...OPERATION, prepare: prepareDestroy } : OPERATION)
}

/** Updates the lock file to what the vendors publish today. It is written only after a successful run. */
function applyMoved(options: RunPlanOptions): Promise<number> {
  return withRun(options, async (run) => {
    const { pinToday } = await import('../pinning.ts')
    const { lock, changes } = await pinToday(run, options)
    for (const change of changes) saySentence(`${change}`)
    const moved = { ...run, provisionOptions: { ...run.provisionOptions, lock } }
    const exitCode = await runPlanIn(moved, options, OPERATION)
    if (exitCode === EXIT.fine && changes.length > 0) writeLock(options, lock)
    return exitCode
  })
}
