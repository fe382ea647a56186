// Decides whether this run may read and write the workflow's cache.
import { readFileSync } from 'node:fs'
import type { CacheMode, Environment } from '../inputs/inputs.ts'

export interface CacheAccess {
  readonly mode: CacheMode
  /** Why the access is less than the input asks for. */
  readonly why?: string
}

/**
 * Returns the requested access. It is reduced if there is no cache service, or if untrusted code may have run in this
 * job.
 */
export function cacheAccess(asked: CacheMode, environment: Environment): CacheAccess {
  if (asked === 'off') return { mode: 'off' }
  const { ACTIONS_RESULTS_URL, ACTIONS_CACHE_URL, ACTIONS_RUNTIME_TOKEN } = environment
  if (!(ACTIONS_RESULTS_URL || ACTIONS_CACHE_URL) || !ACTIONS_RUNTIME_TOKEN) {
    return { mode: 'off', why: 'This runner has no workflow cache; facts are kept only in the cache directory.' }
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

/** Events that only people with write access to the repository, or its schedule, can trigger. */
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
 * Returns true if a user without write access may have influenced this run. For a pull request, the payload decides. A
 * deleted head repository counts as a fork, and so do unknown events and payloads that cannot be read.
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
