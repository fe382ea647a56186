// What a job makes, told from the step to its post step, which removes it.
import { saveState } from '@actions/core'
import type { Plan } from '@pve-provision/core'
import type { Environment } from './inputs/inputs.ts'

/** Said before the first change: a cancelled step may not come to its end. */
export function saveWhatIsMade({ steps }: Plan): void {
  const names = steps.flatMap((step) => (step.kind === 'create' && step.action === 'run' ? [step.machine] : []))
  saveState('made', JSON.stringify(names))
}

/** The runner hands the state of a step to its post step only. */
export function markPostStep(): void {
  saveState('post', 'true')
}

export function isPostStep({ STATE_post: post }: Environment): boolean {
  return post === 'true'
}

/** Names of machines that were not there before this job. */
export function namesMade({ STATE_made: made = '[]' }: Environment): readonly string[] {
  return JSON.parse(made) as readonly string[]
}
