// Retries a call to Proxmox by the retry table, with jitter.
import { ProvisionError } from '../../../errors.ts'
import { retry } from '../../network/retry.ts'
import type { Clock, Meter } from '../../world.ts'
import type { Method, Retry } from '../pve.ts'
import { type Failure, finalError } from './call-failure.ts'
import { cancelled } from './https-request.ts'
import { callKind, retryDelayMs, retryReason, retryRule } from './retry-table.ts'

export interface RetrySettings {
  readonly clock: Clock
  readonly meter: Meter
  /** Returns a number from 0 to 1 for the jitter. */
  readonly random?: () => number
}

export interface RetriedCall {
  readonly method: Method
  readonly path: string
  readonly signal?: AbortSignal | undefined
  readonly onRetry?: ((retry: Retry) => void) | undefined
}

/**
 * Makes attempts until one succeeds or the retry table allows no more.
 * @throws ProvisionError the last failure, and `CANCELLED` if the signal aborts a pause
 */
export async function retryCall<Result extends object>(
  { clock, meter, random = Math.random }: RetrySettings,
  { method, path, signal, onRetry }: RetriedCall,
  makeAttempt: (attempt: number) => Promise<Result | Failure>,
): Promise<Result> {
  const kind = callKind(method, path)
  const delayMs = (thrown: unknown, attempt: number) => {
    if (!(thrown instanceof FailedAttempt)) return undefined
    const { failure, error } = thrown.result
    const delay = retryDelayMs(retryRule(kind, failure), attempt, random())
    const reason = retryReason(failure)
    if (delay === undefined || reason === undefined) throw finalError(kind, thrown.result, attempt)
    onRetry?.({ reason, attempt, message: error.message })
    return delay
  }
  try {
    return await retry({ clock, meter, signal, delayMs }, async (attempt) => orThrow(await makeAttempt(attempt)))
  } catch (thrown) {
    if (signal?.aborted && !(thrown instanceof ProvisionError)) {
      throw cancelled({ method, path }, { sent: false, cause: thrown })
    }
    throw thrown
  }
}

/** Carries a failure through the retry loop, which handles only thrown errors. */
class FailedAttempt extends Error {
  readonly result: Failure

  constructor(result: Failure) {
    super(result.error.message)
    this.result = result
  }
}

function orThrow<Result extends object>(result: Result | Failure): Result {
  if ('failure' in result) throw new FailedAttempt(result)
  return result
}
