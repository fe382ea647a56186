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
 * Returns the names that the manifest may read, or undefined for all except the reserved ones. In a pull request, the
 * manifest is only a proposal: it may read what the workflow lists, and from a fork not even that, unless it is only
 * validated.
 */
export function readableNames(
  { allowed, mode }: Pick<Inputs, 'allowed' | 'mode'>,
  environment: Environment,
): readonly string[] | undefined {
  const isForeign = isFromFork(environment)
  const isProposal = isForeign || environment.GITHUB_EVENT_NAME === 'pull_request'
  if (!isProposal && allowed === undefined) return undefined
  const listed = isForeign && mode !== 'validate' ? [] : (allowed ?? [])
  return [...OF_EVERY_RUN, ...listed]
}

/** Returns how to let the manifest read a name that it may not read. */
export function howToAllow(
  name: string,
  { allowed = [], mode }: Pick<Inputs, 'allowed' | 'mode'>,
  environment: Environment,
): string {
  if (isFromFork(environment) && mode !== 'validate')
    return 'In a run for code from a fork, no variable can be read; `mode: validate` reads those in the input `env`.'
  return `List it in the action's input: \`env: ${[...allowed, name].join(', ')}\`.`
}
