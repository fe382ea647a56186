// Random tests that try fewer cases on a busy computer.
import { performance } from 'node:perf_hooks'

/**
 * Returns a predicate for fast-check that does nothing after this time. Unlike `interruptAfterTimeLimit`, it lets the case
 * that has begun end, which otherwise goes on beside the next test and writes to the same files.
 */
export function within<Values extends readonly unknown[]>(
  milliseconds: number,
  predicate: (...values: Values) => Promise<void>,
): (...values: Values) => Promise<void> {
  const endMs = performance.now() + milliseconds
  return async (...values) => {
    if (performance.now() < endMs) await predicate(...values)
  }
}
