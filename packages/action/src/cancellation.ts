// What ends a run early. The runner cancels by SIGINT, after 7.5 s by SIGTERM, and 2.5 s later ends the process; the input
// `timeout` ends it in the same way, a little earlier than the job's own limit would.

/** A polite end is tried this long; then what is there is written down at once. */
const GRACE_MS = 5_000

export interface Cancellation {
  /** Aborts at the first signal, and when the time is over. */
  readonly signal: AbortSignal
  /** Whether it was the time. */
  isTimedOut(): boolean
  /** Resolves when there is no time left for anything but the last words. */
  readonly expired: Promise<'expired'>
}

export function onCancel({ timeoutMs }: { readonly timeoutMs?: number | undefined } = {}): Cancellation {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<'expired'>()
  let isTimedOut = false
  const stop = () => {
    controller.abort()
    setTimeout(resolve, GRACE_MS, 'expired').unref()
  }
  const listener = (name: NodeJS.Signals) => {
    if (name === 'SIGTERM' && controller.signal.aborted) resolve('expired')
    if (!controller.signal.aborted) stop()
  }
  const onTimeout = () => {
    isTimedOut = !controller.signal.aborted
    if (isTimedOut) stop()
  }
  if (timeoutMs !== undefined) setTimeout(onTimeout, timeoutMs).unref()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, listener)
  return { signal: controller.signal, isTimedOut: () => isTimedOut, expired: promise }
}
