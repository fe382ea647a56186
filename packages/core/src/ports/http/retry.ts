// Repeats what failed for a passing reason, with growing pauses, as long as there is hope.

import { ProvisionError } from '../../errors.ts'
import { isTransient } from './failure.ts'
import type { HttpContext } from './settings.ts'

/**
 * Runs `attempt` until it succeeds, fails for good, or has failed `retries` times in a row without progress.
 * `attempt` tells whether it got anywhere by calling its argument.
 */
export async function retry<T>(
  context: HttpContext,
  signal: AbortSignal,
  attempt: (progressed: () => void) => Promise<T>,
): Promise<T> {
  const { retries, backoffMs, backoffLimitMs } = context.timing
  for (let failures = 0; ; ) {
    let progressed = false
    try {
      return await attempt(() => {
        progressed = true
      })
    } catch (error) {
      signal.throwIfAborted()
      failures = progressed ? 1 : failures + 1
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
