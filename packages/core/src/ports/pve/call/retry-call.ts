// The one loop that repeats: attempts, pauses with jitter, and the last error.
import type { Clock, Meter } from '../../world.ts'
import type { Method, Retry } from '../pve.ts'
import { type Failure, finalError } from './call-failure.ts'
import { cancelled } from './https-request.ts'
import { callKind, retryDelayMs, retryReason, retryRule } from './retry-table.ts'

export interface RepeatSettings {
  readonly clock: Clock
  readonly meter: Meter
  /** 0 to 1, for the jitter. */
  readonly random?: () => number
}

export interface RepeatedCall {
  readonly method: Method
  readonly path: string
  readonly signal?: AbortSignal | undefined
  readonly onRetry?: ((retry: Retry) => void) | undefined
}

/**
 * Makes attempts until one succeeds or the retry table ends them.
 * @throws ProvisionError the last failure, and `CANCELLED` when the signal ends a pause
 */
export async function repeat<Result extends object>(
  { clock, meter, random = Math.random }: RepeatSettings,
  { method, path, signal, onRetry }: RepeatedCall,
  makeAttempt: () => Promise<Result | Failure>,
): Promise<Result> {
  const kind = callKind(method, path)
  for (let attempt = 1; ; attempt += 1) {
    const result = await makeAttempt()
    if (!isFailure(result)) return result
    const delayMs = retryDelayMs(retryRule(kind, result.failure), attempt, random())
    const reason = retryReason(result.failure)
    if (delayMs === undefined || reason === undefined) throw finalError(kind, result, attempt)
    meter.add('retries', 1)
    onRetry?.({ reason, attempt, message: result.error.message })
    await clock.sleep(delayMs, signal).catch((cause: unknown) => {
      throw cancelled({ method, path }, { sent: false, cause })
    })
  }
}

function isFailure(result: object): result is Failure {
  return 'failure' in result
}
