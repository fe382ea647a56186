// A signal for callers that gave none.

/** Never aborts. */
export function never(): AbortSignal {
  return new AbortController().signal
}
