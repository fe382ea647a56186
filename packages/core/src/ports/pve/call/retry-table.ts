// When a call is repeated, by what it does and how it failed. One table, so that it can be read and tested line by line.
import type { Method, Retry } from '../pve.ts'

/** How a call failed, seen by whether its effect may have happened. */
export type FailureClass =
  | 'refused' // nothing was sent: connection refused, no route; or 595, where the target node could not be reached
  | 'lock' // Proxmox waited for a lock in vain; nothing was done
  | 'worker' // `got no worker upid`: the task was not started
  | 'gateway' // 596, 502, 503, 504: somebody between us and the daemon lost the answer
  | 'network' // we lost it: hang-up, reset, time-out after sending
  | 'vanished' // a list failed over one of its entries, which went away while it was made
  | 'refusal' // Proxmox understood and said no

/** What a call does, as far as repeating it goes. */
export type CallKind =
  | 'read'
  | 'create' // POST /nodes/{node}/qemu: writes the config before it starts the worker
  | 'change'

export interface RetryRule {
  readonly kind: CallKind
  readonly failure: FailureClass
  /** How often it is sent in all; 1 is never again. */
  readonly attempts: number
  readonly firstDelayMs: number
  readonly lastDelayMs: number
  /** The effect may have happened: the caller must look before it acts again. */
  readonly lostReply: boolean
}

const never = { attempts: 1, firstDelayMs: 0, lastDelayMs: 0 }
const soon = { attempts: 5, firstDelayMs: 250, lastDelayMs: 2_000 }
// Proxmox itself waits 1 to 10 s for its locks before it says so.
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
  // The vmid is taken by a config that holds only `lock: create`: a repeat would meet our own leftover.
  { kind: 'create', failure: 'worker', ...never, lostReply: false },
  { kind: 'create', failure: 'gateway', ...never, lostReply: true },
  { kind: 'create', failure: 'network', ...never, lostReply: true },
  { kind: 'create', failure: 'refusal', ...never, lostReply: false },
]

/** The table's line for a call of this kind that failed so. */
export function retryRule(kind: CallKind, failure: FailureClass): RetryRule {
  const rule = retryTable.find((line) => line.kind === kind && line.failure === failure)
  return rule ?? { kind, failure, ...never, lostReply: kind !== 'read' }
}

/**
 * How long to wait before the next attempt, or nothing when there is none.
 * Doubles from the rule's first delay to its last; `random` (0 to 1) spreads it over the upper half, so that machines
 * which failed together do not come back together.
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

/** A failure class as lanes are told it. */
export function retryReason(failure: FailureClass): Retry['reason'] | undefined {
  return failure === 'refusal' ? undefined : failure
}
