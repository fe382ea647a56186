// `destroy`: removes everything with this project's marker, after a confirmation.
import { apply, prepareDestroy } from '@pve-provision/core'
import type { CommonOptions } from '../options.ts'
import { runPlan } from './run-plan.ts'

export interface DestroyCommandOptions extends CommonOptions {
  readonly only?: readonly string[]
  readonly autoApprove?: boolean
  readonly expired?: boolean
}

export function destroyCommand(options: DestroyCommandOptions): Promise<number> {
  return runPlan(options, {
    prepare: prepareDestroy,
    apply,
    question: 'Remove these machines? This cannot be undone.',
    nothing: options.expired
      ? 'Nothing to remove, no machine has expired'
      : 'Nothing to remove, this project has no machines',
  })
}
