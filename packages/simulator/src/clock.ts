// Time, real or virtual: everything that waits in the simulator waits here.

export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Resolves after `milliseconds`, or early (without error) when the signal aborts. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
}

export function realClock(): Clock {
  return {
    now: () => Date.now(),
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (milliseconds <= 0 || signal?.aborted === true) return resolve()
        const wake = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        const timer = setTimeout(wake, milliseconds)
        signal?.addEventListener('abort', wake)
      }),
  }
}

interface Sleeper {
  readonly at: number
  readonly order: number
  readonly wake: () => void
}

/**
 * A clock that jumps to the next sleeper's hour as soon as nothing else is due in the event loop. Hours of tasks and
 * lock time-outs pass in milliseconds, in the order in which they would have passed.
 */
export function virtualClock(startMs = Date.now()): Clock {
  const sleepers: Sleeper[] = []
  let now = startMs
  let order = 0
  let pumping = false

  const pump = (): void => {
    sleepers.sort((left, right) => left.at - right.at || left.order - right.order)
    const next = sleepers.shift()
    if (next === undefined) {
      pumping = false
      return
    }
    now = Math.max(now, next.at)
    next.wake()
    // Two turns of the event loop, so that whatever the sleeper set off gets its turn before time moves on.
    setImmediate(() => setImmediate(pump))
  }

  return {
    now: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (milliseconds <= 0 || signal?.aborted === true) return resolve()
        const sleeper: Sleeper = { at: now + milliseconds, order: order++, wake: resolve }
        sleepers.push(sleeper)
        signal?.addEventListener('abort', () => {
          const index = sleepers.indexOf(sleeper)
          if (index >= 0) sleepers.splice(index, 1)
          resolve()
        })
        if (pumping) return
        pumping = true
        setImmediate(() => setImmediate(pump))
      }),
  }
}
