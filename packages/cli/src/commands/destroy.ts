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
  const isWhole = !options.expired && (options.only ?? []).length === 0
  return runPlan(options, {
    prepare: prepareDestroy,
    apply,
    question: isWhole ? 'This removes all machines of the project.' : 'Remove these machines? This cannot be undone.',
    ...(isWhole && { word: ({ desired }) => desired.project }),
    nothing: nothingToRemove(options),
  })
}

/** The message if there is nothing to remove, without a full stop. */
export function nothingToRemove({ only = [], expired }: Pick<DestroyCommandOptions, 'only' | 'expired'>): string {
  if (expired) return 'Nothing to remove, no machine has expired'
  return only.length > 0
    ? `Nothing to remove, ${only.join(', ')} ${only.length === 1 ? 'does' : 'do'} not exist`
    : 'Nothing to remove, this project has no machines'
}
