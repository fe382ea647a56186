// Whether this run may read and write the workflow's cache.
import { readFileSync } from 'node:fs'
import type { CacheMode, Environment } from '../inputs.ts'

export interface CacheAccess {
  readonly mode: CacheMode
  /** Why it is less than was asked for. */
  readonly why?: string
}

/** What was asked for, less where there is no service, or where strangers' code may have run before us in this job. */
export function cacheAccess(asked: CacheMode, environment: Environment): CacheAccess {
  if (asked === 'off') return { mode: 'off' }
  const { ACTIONS_RESULTS_URL, ACTIONS_CACHE_URL, ACTIONS_RUNTIME_TOKEN } = environment
  if (!(ACTIONS_RESULTS_URL || ACTIONS_CACHE_URL) || !ACTIONS_RUNTIME_TOKEN) {
    return { mode: 'off', why: 'This runner offers no cache to workflows; facts are kept in the cache directory only.' }
  }
  if (asked === 'read-write' && isFromFork(environment)) {
    return { mode: 'read', why: 'The cache is only read: this run is for a pull request from a fork.' }
  }
  return { mode: asked }
}

interface PullRequestEvent {
  readonly pull_request?: {
    readonly head?: { readonly repo?: { readonly full_name?: string } | null }
    readonly base?: { readonly repo?: { readonly full_name?: string } }
  }
}

/** By the event's payload; a head repository that is gone counts as a fork. */
function isFromFork({ GITHUB_EVENT_PATH }: Environment): boolean {
  if (!GITHUB_EVENT_PATH) return false
  try {
    const { pull_request: request } = JSON.parse(readFileSync(GITHUB_EVENT_PATH, 'utf8')) as PullRequestEvent
    return request !== undefined && request.head?.repo?.full_name !== request.base?.repo?.full_name
  } catch {
    return false
  }
}
