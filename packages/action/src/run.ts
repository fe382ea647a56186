// The summary of a run: inputs, caches, plan, apply, and what is written down in the end, whatever happened.

import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ProvisionError } from '@pve-provision/core'
import { toProvisionError } from '@pve-provision/core/advanced'
import { annotateError } from './annotations.ts'
import { cacheAccess } from './cache/cache-access.ts'
import { createFactsCache, type FactsCache } from './cache/facts-cache.ts'
import { createWorkflowCache, type WorkflowCache } from './cache/workflow-cache.ts'
import { onCancel } from './cancellation.ts'
import { type Inputs, readInputs, tokenSecretOf } from './inputs.ts'
import { command, debug, say, warning } from './log.ts'
import { type Ending, work } from './run-action.ts'
import { hide } from './secrets.ts'
import type { RunSummary } from './summary/markdown.ts'
import { writeOutputs } from './write-outputs.ts'

/** After a cancellation the cache gets what is left of the runner's patience. */
const HURRIED_SAVE_MS = 1_500

const log = { debug, say, warning, command }

/** Runs the action and ends the process. */
export async function run(): Promise<never> {
  hide(tokenSecretOf(process.env))
  const ok = await attempt().catch((thrown: unknown) => {
    annotateError(toProvisionError(thrown))
    return false
  })
  return leave(ok ? 0 : 1)
}

async function attempt(): Promise<boolean> {
  const inputs = readInputs(process.env)
  const cancellation = onCancel()
  const temporaryDirectory = await mkdtemp(join(process.env.RUNNER_TEMP || tmpdir(), 'pve-provision-'))
  const { cache, factsCache } = openCaches(inputs, temporaryDirectory)
  const working = work({ inputs, cache, factsCache, temporaryDirectory, signal: cancellation.signal })
  const ending = await Promise.race([working, cancellation.expired.then(() => cutShort(inputs))])
  await writeOutputs(ending, { inputs, temporaryDirectory })
  const cancelled = cancellation.signal.aborted
  const saved = await factsCache?.save(cancelled ? { timeoutMs: HURRIED_SAVE_MS } : {})
  if (saved) say(saved)
  return isFine(ending.summary) && !cancelled
}

interface Caches {
  readonly cache?: WorkflowCache
  readonly factsCache?: FactsCache
}

function openCaches(inputs: Inputs, temporaryDirectory: string): Caches {
  const access = cacheAccess(inputs.cache, process.env)
  if (access.why) say(access.why)
  if (access.mode === 'off') return {}
  const program = fileURLToPath(import.meta.url)
  const cache = createWorkflowCache({ environment: process.env, program, temporaryDirectory, log })
  const mayWrite = access.mode === 'read-write'
  return {
    ...(mayWrite && { cache }),
    factsCache: createFactsCache({ inputs, mayWrite, cache, temporaryDirectory, log }),
  }
}

function cutShort({ mode, manifestFile }: Inputs): Ending {
  const error = new ProvisionError('CANCELLED', 'The run was cancelled, and what was going on did not end in time.', {
    hint: 'Run again: the next run looks at what is there and finishes it.',
  })
  return { summary: { project: manifestFile, mode, error } }
}

function isFine({ error, report, plan }: RunSummary): boolean {
  if (error) return false
  return report ? report.ok : !plan?.steps.some(({ problem }) => problem)
}

/** Not by itself: sockets that the network's other end holds open would keep the job waiting. */
function leave(code: number): Promise<never> {
  return new Promise(() => {
    process.stdout.write('', () => process.exit(code))
  })
}
