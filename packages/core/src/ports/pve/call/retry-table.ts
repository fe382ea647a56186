// Decides when a call is retried, by what it does and how it failed. It is one table, to be read and tested line by
// line.
import type { Method, Retry } from '../pve.ts'

/** How a call failed, grouped by whether its effect may have happened. */
export type FailureClass =
  | 'refused' // nothing was sent: connection refused, no route; or 595, the target node was unreachable
  | 'lock' // Proxmox could not acquire a lock; nothing was done
  | 'worker' // `got no worker upid`: the task was not started
  | 'gateway' // 596, 502, 503, 504: a proxy between this program and the daemon lost the answer
  | 'network' // this side lost the answer: hang-up, reset, timeout after sending
  | 'vanished' // a list failed because one of its entries was removed meanwhile
  | 'refusal' // Proxmox understood the call and refused it

/** What a call does, as far as that matters for a retry. */
export type CallKind =
  | 'read'
  | 'create' // POST /nodes/{node}/qemu: writes the config before it starts the worker
  | 'change'

export interface RetryRule {
  readonly kind: CallKind
  readonly failure: FailureClass
  /** How often the call is sent in total. 1 means no retry. */
  readonly attempts: number
  readonly firstDelayMs: number
  readonly lastDelayMs: number
  /** The effect may have happened, so the caller must check before it acts again. */
  readonly lostReply: boolean
}

const never = { attempts: 1, firstDelayMs: 0, lastDelayMs: 0 }
const soon = { attempts: 5, firstDelayMs: 250, lastDelayMs: 2_000 }
// Proxmox itself waits 1 to 10 s for its locks before it reports a failure.
const patient = { attempts: 7, firstDelayMs: 500, lastDelayMs: 8_000 }

export const retryTable: readonly RetryRule[] = [
  { kind: 'read', failure: 'refused', ...soon, lostReply: false },
  { kind: 'read', failure: 'lock', ...patient, lostReply: false },
  { kind: 'read', failure: 'worker', ...soon, lostReply: false },
  { kind: 'read', failure: 'gateway', ...soon, lostReply: false },
  { kind: 'read', failure: 'network', ...soon, lostReply: false },
  { kind: 'read', failure: 'vanished', ...soon, lostReply: false },
  { kind: 'read', failure: 'refusal', ...never, lostReply: false },
  { kind: 'change', failure: 'refused', ...soon, lostReply: false },
  { kind: 'change', failure: 'lock', ...patient, lostReply: false },
  { kind: 'change', failure: 'worker', ...soon, lostReply: false },
  { kind: 'change', failure: 'gateway', ...never, lostReply: true },
  { kind: 'change', failure: 'network', ...never, lostReply: true },
  { kind: 'change', failure: 'refusal', ...never, lostReply: false },
  { kind: 'create', failure: 'refused', ...soon, lostReply: false },
  { kind: 'create', failure: 'lock', ...patient, lostReply: false },
  // The vmid is taken by a config that contains only `lock: create`. A retry would fail because of it.
  { kind: 'create', failure: 'worker', ...never, lostReply: false },
  { kind: 'create', failure: 'gateway', ...never, lostReply: true },
  { kind: 'create', failure: 'network', ...never, lostReply: true },
  { kind: 'create', failure: 'refusal', ...never, lostReply: false },
]

/** Returns the rule for a call of this kind that failed this way. */
export function retryRule(kind: CallKind, failure: FailureClass): RetryRule {
  const rule = retryTable.find((line) => line.kind === kind && line.failure === failure)
  return rule ?? { kind, failure, ...never, lostReply: kind !== 'read' }
}

/**
 * Returns how long to wait before the next attempt, in milliseconds, or undefined if there is none. The delay doubles
 * from the rule's first delay to its last. `random` (0 to 1) varies it within its upper half, so that VMs which failed
 * together do not retry together.
 */
export function retryDelayMs(rule: RetryRule, attempt: number, random: number): number | undefined {
  if (attempt >= rule.attempts) return undefined
  const full = Math.min(rule.firstDelayMs * 2 ** (attempt - 1), rule.lastDelayMs)
  return Math.round(full / 2 + (full / 2) * random)
}

export function callKind(method: Method, path: string): CallKind {
  if (method === 'GET') return 'read'
  return method === 'POST' && /^\/nodes\/[^/]+\/(?:qemu|lxc)$/.test(path) ? 'create' : 'change'
}

/** Returns the failure class as the reason of a retry. */
export function retryReason(failure: FailureClass): Retry['reason'] | undefined {
  return failure === 'refusal' ? undefined : failure
}
