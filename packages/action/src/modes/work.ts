// What every mode gets, and what it leaves.
import type { Desired, LockFile, Prepared, World } from '@pve-provision/core'
import { toProvisionError } from '@pve-provision/core/advanced'
import { annotateError } from '../annotations.ts'
import type { FactsCache } from '../cache/facts-cache.ts'
import type { WorkflowCache } from '../cache/workflow-cache.ts'
import type { Inputs } from '../inputs/inputs.ts'
import type { RunSummary } from '../summary/markdown.ts'

export interface Work {
  readonly inputs: Inputs
  /** Absent where the runner offers none, or it is not to be used. */
  readonly cache?: WorkflowCache | undefined
  readonly mayWrite: boolean
  readonly factsCache: FactsCache
  readonly temporaryDirectory: string
  readonly factsDirectory: string
  readonly signal: AbortSignal
}

/** The manifest, and what goes on while it was read. */
export interface Beginning {
  readonly desired: Desired
  readonly lock: LockFile | undefined
  /** Resolves with a sentence about what the cache had. */
  readonly restoring: Promise<string | undefined>
  readonly summary: RunSummary
}

export interface Around extends Beginning {
  readonly world: World
}

export interface Ending {
  readonly summary: RunSummary
  readonly prepared?: Prepared
  /** How many entries of the lock file moved. */
  readonly moved?: number
}

/** A run that could not go on: told at once, and part of the summary. */
export function ended(summary: RunSummary, thrown: unknown): Ending {
  const error = toProvisionError(thrown)
  annotateError(error)
  return { summary: { ...summary, error } }
}
