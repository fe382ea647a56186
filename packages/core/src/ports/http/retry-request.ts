// Retries requests to vendors after transient failures, with growing pauses.
import { ProvisionError } from '../../errors.ts'
import { retry } from '../network/retry.ts'
import { isTransient } from './failure.ts'
import type { HttpContext } from './settings.ts'

export interface RetryOptions {
  readonly signal: AbortSignal
  /** Returns how many bytes are safely stored. While the number grows, the count of failures starts over. */
  readonly bytes?: () => number
}

/** Fewer new bytes are not progress. Otherwise a server that sends a kilobyte at a time would be retried forever. */
const PROGRESS_BYTES = 256 * 1024

/** Runs `attempt` until it succeeds, fails permanently, or has failed `retries` times in a row without progress. */
export function retryRequest<Result>(
  { clock, meter, timing }: HttpContext,
  { signal, bytes = () => 0 }: RetryOptions,
  attempt: (number: number) => Promise<Result>,
): Promise<Result> {
  const { retries, backoffMs, backoffLimitMs } = timing
  let most = bytes()
  let failures = 0
  const delayMs = (error: unknown) => {
    signal.throwIfAborted()
    const hasProgressed = bytes() >= most + PROGRESS_BYTES
    most = Math.max(most, bytes())
    failures = hasProgressed ? 1 : failures + 1
    if (!isTransient(error) || failures > retries) return undefined
    const pause = Math.min(backoffMs * 2 ** (failures - 1), backoffLimitMs)
    return Math.max(pause, requestedPauseMs(error, backoffLimitMs))
  }
  return retry({ clock, meter, signal, delayMs }, attempt)
}

function requestedPauseMs(error: unknown, limitMs: number): number {
  const asked = error instanceof ProvisionError ? error.details.retryAfterMs : undefined
  return typeof asked === 'number' ? Math.min(asked, limitMs * 2) : 0
}
