// Repeats what failed for a passing reason, with growing pauses, as long as there is hope.

import { ProvisionError } from '../../errors.ts'
import { isTransient } from './failure.ts'
import type { HttpContext } from './settings.ts'

export interface RetryOptions {
  readonly signal: AbortSignal
  /** Bytes that are here for good; as long as they grow, the server gets another chance. */
  readonly bytes?: () => number
}

/** Less than this is not progress: a server that gives a kilobyte at a time would be asked for ever. */
const PROGRESS_BYTES = 256 * 1024

/** Runs `attempt` until it succeeds, fails for good, or has failed `retries` times in a row without progress. */
export async function retry<T>(
  context: HttpContext,
  { signal, bytes = () => 0 }: RetryOptions,
  attempt: () => Promise<T>,
): Promise<T> {
  const { retries, backoffMs, backoffLimitMs } = context.timing
  let most = bytes()
  for (let failures = 0; ; ) {
    try {
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      const hasProgressed = bytes() >= most + PROGRESS_BYTES
      most = Math.max(most, bytes())
      failures = hasProgressed ? 1 : failures + 1
      if (!isTransient(error) || failures > retries) throw error
      context.meter.add('retries', 1)
      const pause = Math.min(backoffMs * 2 ** (failures - 1), backoffLimitMs)
      await context.clock.sleep(Math.max(pause, askedPause(error, backoffLimitMs)), signal)
    }
  }
}

function askedPause(error: unknown, limitMs: number): number {
  const asked = error instanceof ProvisionError ? error.details.retryAfterMs : undefined
  return typeof asked === 'number' ? Math.min(asked, limitMs * 2) : 0
}
