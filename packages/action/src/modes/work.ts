// Input and result types of the modes.
import type { Desired, LockFile, Prepared, World } from '@pve-provision/core'
import { toProvisionError } from '@pve-provision/core/advanced'
import { annotateError } from '../annotations.ts'
import type { FactsCache } from '../cache/facts-cache.ts'
import type { WorkflowCache } from '../cache/workflow-cache.ts'
import type { Inputs } from '../inputs/inputs.ts'
import type { RunSummary } from '../summary/markdown.ts'

export interface Work {
  readonly inputs: Inputs
  /** Absent if the runner has no cache service, or if the cache is off. */
  readonly cache?: WorkflowCache | undefined
  readonly mayWrite: boolean
  readonly factsCache: FactsCache
  readonly temporaryDirectory: string
  readonly factsDirectory: string
  readonly signal: AbortSignal
}

/** The manifest, and the cache restore that is still running. */
export interface Beginning {
  readonly desired: Desired
  readonly lock: LockFile | undefined
  /** Resolves with a sentence about what was restored. */
  readonly restoring: Promise<string | undefined>
  readonly summary: RunSummary
}

export interface Around extends Beginning {
  readonly world: World
}

export interface Ending {
  readonly summary: RunSummary
  readonly prepared?: Prepared
  /** How many entries of the lock file changed. */
  readonly moved?: number
}

/** Creates the result of a run that failed. The error is annotated at once and included in the summary. */
export function ended(summary: RunSummary, thrown: unknown): Ending {
  const error = toProvisionError(thrown)
  annotateError(error)
  return { summary: { ...summary, error } }
}
