// Whether this run may read and write the workflow's cache.
import { readFileSync } from 'node:fs'
import type { CacheMode, Environment } from '../inputs/inputs.ts'

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
    return {
      mode: 'read',
      why: `The cache is only read: this run (${environment.GITHUB_EVENT_NAME ?? 'unknown event'}) may be for code from a fork.`,
    }
  }
  return { mode: asked }
}

interface PullRequestEvent {
  readonly pull_request?: {
    readonly head?: { readonly repo?: { readonly full_name?: string } | null }
    readonly base?: { readonly repo?: { readonly full_name?: string } }
  }
}

/** Events that nobody but people with write access to the repository, or its schedule, can cause. */
const OWN_EVENTS = new Set([
  'push',
  'schedule',
  'workflow_dispatch',
  'workflow_call',
  'repository_dispatch',
  'release',
  'create',
  'delete',
  'deployment',
  'merge_group',
])

/**
 * Whether somebody without write access may have had a hand in this run. Of a pull request the payload tells; a head
 * repository that is gone counts as a fork, and so does every event that we do not know, or whose payload cannot be read.
 */
export function isFromFork({ GITHUB_EVENT_NAME = '', GITHUB_EVENT_PATH }: Environment): boolean {
  if (OWN_EVENTS.has(GITHUB_EVENT_NAME)) return false
  if (GITHUB_EVENT_NAME !== 'pull_request' || !GITHUB_EVENT_PATH) return true
  try {
    const { pull_request: request } = JSON.parse(readFileSync(GITHUB_EVENT_PATH, 'utf8')) as PullRequestEvent
    const own = request?.base?.repo?.full_name
    return own === undefined || request?.head?.repo?.full_name !== own
  } catch {
    return true
  }
}
