// The runner cancels by SIGINT, after 7.5 s by SIGTERM, and 2.5 s later ends the process.

/** A polite end is tried this long; then what is there is written down at once. */
const GRACE_MS = 5_000

export interface Cancellation {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal
  /** Resolves when there is no time left for anything but the last words. */
  readonly expired: Promise<'expired'>
}

export function onCancel(): Cancellation {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<'expired'>()
  const listener = (name: NodeJS.Signals) => {
    if (name === 'SIGTERM' && controller.signal.aborted) resolve('expired')
    if (controller.signal.aborted) return
    controller.abort()
    setTimeout(resolve, GRACE_MS, 'expired').unref()
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, listener)
  return { signal: controller.signal, expired: promise }
}
