// Passes the names of machines that a job creates from the step to its post step, which removes them.
import { saveState } from '@actions/core'
import type { Plan } from '@pve-provision/core'
import type { Environment } from './inputs/inputs.ts'

/** Call this before the first change, because a cancelled step may not reach its end. */
export function saveWhatIsMade({ steps }: Plan): void {
  const names = steps.flatMap((step) => (step.kind === 'create' && step.action === 'run' ? [step.machine] : []))
  saveState('made', JSON.stringify(names))
}

/** The runner passes the state of a step only to its own post step. */
export function markPostStep(): void {
  saveState('post', 'true')
}

export function isPostStep({ STATE_post: post }: Environment): boolean {
  return post === 'true'
}

/** Returns the names of machines that did not exist before this job. */
export function namesMade({ STATE_made: made = '[]' }: Environment): readonly string[] {
  return JSON.parse(made) as readonly string[]
}
