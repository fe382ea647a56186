// A retry loop: attempts with interruptible pauses. The caller decides when and how often to retry.
import type { Clock, Meter } from '../world.ts'

export interface RetryLoop {
  readonly clock: Clock
  readonly meter: Meter
  readonly signal?: AbortSignal | undefined
  /** Returns how long to wait before the next attempt, in milliseconds, or undefined if `error` is final. */
  readonly delayMs: (error: unknown, attempt: number) => number | undefined
}

/**
 * Makes attempts, numbered from 1, until one succeeds or its failure is final.
 * @throws the last failure; the signal's reason when it aborts
 */
export async function retry<Result>(
  { clock, meter, signal, delayMs }: RetryLoop,
  attempt: (number: number) => Promise<Result>,
): Promise<Result> {
  for (let number = 1; ; number += 1) {
    try {
      return await attempt(number)
    } catch (error) {
      const pause = delayMs(error, number)
      if (pause === undefined) throw error
      meter.add('retries', 1)
      await clock.sleep(pause, signal)
    }
  }
}
