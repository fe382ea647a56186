// Decides which environment variables a manifest may read in this run.
import { isFromFork } from '../cache/cache-access.ts'
import type { Environment, Inputs } from './inputs.ts'

/** Variables that GitHub sets in every run and that no other user can choose. */
const OF_EVERY_RUN = [
  'GITHUB_RUN_ID',
  'GITHUB_RUN_NUMBER',
  'GITHUB_RUN_ATTEMPT',
  'GITHUB_REPOSITORY',
  'GITHUB_REPOSITORY_ID',
  'GITHUB_REPOSITORY_OWNER',
  'GITHUB_WORKFLOW',
  'GITHUB_JOB',
  'GITHUB_SHA',
  'GITHUB_EVENT_NAME',
  'RUNNER_OS',
  'RUNNER_ARCH',
]

/**
 * Returns the names that the manifest may read: those that the workflow lists. In a run that strangers can cause, the
 * manifest is only a proposal: what is listed is read only if the manifest is just validated.
 */
export function readableNames(
  { allowed, mode }: Pick<Inputs, 'allowed' | 'mode'>,
  environment: Environment,
): readonly string[] {
  return [...OF_EVERY_RUN, ...(isRefused(mode, environment) ? [] : allowed)]
}

/** Returns how to let the manifest read names that it may not read. */
export function howToAllow(
  names: readonly string[],
  { allowed, mode }: Pick<Inputs, 'allowed' | 'mode'>,
  environment: Environment,
): string {
  if (isRefused(mode, environment))
    return 'In a run for code from a fork, no variable can be read; `mode: validate` reads those in the input `env`.'
  const line = [...new Set([...allowed, ...names])].join(', ')
  return `Add this line to the inputs of the action (\`with:\`): \`env: ${line}\`.`
}

function isRefused(mode: Inputs['mode'], environment: Environment): boolean {
  return mode !== 'validate' && isFromFork(environment)
}
