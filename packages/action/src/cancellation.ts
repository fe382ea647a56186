// Ends a run early. To cancel, the runner sends SIGINT, after 7.5 s SIGTERM, and kills the process 2.5 s later. The
// input `timeout` ends a run the same way.

/** How long the run may take to stop. After that, the outputs are written with what is there. */
const GRACE_MS = 5_000

export interface Cancellation {
  /** Aborts at the first signal, and at the timeout. */
  readonly signal: AbortSignal
  /** Returns true if the timeout ended the run. */
  isTimedOut(): boolean
  /** Resolves when the run has no time left except for writing its outputs. */
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
