// The outer part of a run: reads inputs, opens caches, runs the mode, and always writes the results.

import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProvisionError } from '@pve-provision/core'
import { toProvisionError } from '@pve-provision/core/advanced'
import { durationText } from '@pve-provision/core/text'
import { annotateError, nameInWorkspace } from './annotations.ts'
import { cacheAccess } from './cache/cache-access.ts'
import { createFactsCache, type FactsCache } from './cache/facts-cache.ts'
import { createWorkflowCache, type WorkflowCache } from './cache/workflow-cache.ts'
import { onCancel } from './cancellation.ts'
import { writeComment } from './comment/comment.ts'
import { type Inputs, readInputs, tokenSecretsOf } from './inputs/inputs.ts'
import { inputOf } from './inputs/reader.ts'
import { annotate, command, debug, say, warning } from './log.ts'
import { markPostStep } from './made.ts'
import type { Ending } from './modes/work.ts'
import { writeOutputs } from './outputs/write-outputs.ts'
import { work } from './run-action.ts'
import { hide } from './secrets.ts'
import { isWell, type RunSummary } from './summary/markdown.ts'

/** Timeout for saving to the cache after a cancellation, because the runner soon kills the process. */
const HURRIED_SAVE_MS = 1_500

const log = { debug, say, warning, command }

/** Runs the action and exits the process. `program` is its entry file, which is started again for the workflow's cache. */
export async function run(program: string): Promise<never> {
  markPostStep()
  for (const secret of tokenSecretsOf(process.env)) hide(secret)
  const ok = await attempt(program).catch(refuse)
  return leave(ok ? 0 : 1)
}

/** Reports invalid inputs in the same places as other errors. */
async function refuse(thrown: unknown): Promise<false> {
  const error = toProvisionError(thrown)
  annotateError(error)
  const summary: RunSummary = { project: 'pve-provision', mode: 'inputs', error }
  const writesSummary = inputOf(process.env, 'summary').toLowerCase() !== 'false'
  await writeOutputs({ summary }, { writesSummary, temporaryDirectory: await ownFolder() })
  return false
}

function ownFolder(): Promise<string> {
  return mkdtemp(join(process.env.RUNNER_TEMP || tmpdir(), 'pve-provision-'))
}

async function attempt(program: string): Promise<boolean> {
  const inputs = readInputs(process.env)
  const cancellation = onCancel(inputs)
  const temporaryDirectory = await ownFolder()
  const factsDirectory = join(temporaryDirectory, 'facts-of-this-run')
  const { cache, mayWrite, factsCache } = openCaches(inputs, { program, temporaryDirectory, factsDirectory })
  const { signal } = cancellation
  const working = work({ inputs, cache, mayWrite, factsCache, temporaryDirectory, factsDirectory, signal })
  const ending = await Promise.race([working, cancellation.expired.then(() => cutShort(inputs))])
  if (cancellation.isTimedOut())
    annotate(
      'Timed out',
      `The run was stopped after ${durationText(inputs.timeoutMs ?? 0)}, the limit of the input \`timeout\`.`,
    )
  await writeOutputs(ending, { writesSummary: inputs.summary, temporaryDirectory })
  const cancelled = cancellation.signal.aborted
  if (inputs.comment && !cancelled) await writeComment(ending.summary, inputs, process.env)
  const saved = await factsCache.save(cancelled ? { timeoutMs: HURRIED_SAVE_MS } : {})
  if (saved) say(saved)
  return isWell(ending.summary) && !cancelled
}

interface Caches {
  readonly cache?: WorkflowCache
  readonly mayWrite: boolean
  readonly factsCache: FactsCache
}

function openCaches(inputs: Inputs, { program, temporaryDirectory, factsDirectory }: CachePlaces): Caches {
  const { mode, why } = cacheAccess(inputs.cache, process.env)
  if (why) say(why)
  const mayWrite = mode === 'read-write' || (mode === 'off' && inputs.keepsStore && inputs.cache !== 'off')
  const cache =
    mode === 'off' ? undefined : createWorkflowCache({ environment: process.env, program, temporaryDirectory, log })
  const repository = process.env.GITHUB_REPOSITORY ?? ''
  return {
    ...(cache && { cache }),
    mayWrite,
    factsCache: createFactsCache({ inputs, repository, mayWrite, cache, factsDirectory, temporaryDirectory, log }),
  }
}

interface CachePlaces {
  readonly program: string
  readonly temporaryDirectory: string
  /** The folder for the facts of this run. No other process writes to it. */
  readonly factsDirectory: string
}

function cutShort({ mode, manifestFile }: Inputs): Ending {
  const error = new ProvisionError('CANCELLED', 'The run was cancelled, and running steps did not finish in time.', {
    hint: 'Run again: the next run checks what exists and finishes it.',
  })
  return { summary: { project: nameInWorkspace(manifestFile, process.env.GITHUB_WORKSPACE ?? '.'), mode, error } }
}

/** Exits explicitly, because open network sockets would keep the job running. */
function leave(code: number): Promise<never> {
  return new Promise(() => {
    process.stdout.write('', () => process.exit(code))
  })
}
