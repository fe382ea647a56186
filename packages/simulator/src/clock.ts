// Real or virtual time. All waits in the simulator use a clock.

export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Resolves after `milliseconds`, or early, without an error, if the signal aborts. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>
  /** Runs real work, such as a copy on a real disk. Virtual time stands still meanwhile. */
  readonly during: <T>(work: () => Promise<T>) => Promise<T>
}

export function realClock(): Clock {
  return {
    now: () => Date.now(),
    during: (work) => work(),
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
 * A clock that jumps to the time of the next sleeper as soon as nothing else is due in the event loop. Hours of tasks
 * and lock timeouts pass in milliseconds, in the right order. During real work it stands still, so that no lock times
 * out because a disk is slow.
 */
export function virtualClock(startMs = Date.now()): Clock {
  const sleepers: Sleeper[] = []
  let now = startMs
  let order = 0
  let pumping = false
  let working = 0

  const pump = (): void => {
    if (working > 0) {
      pumping = false
      return
    }
    sleepers.sort((left, right) => left.at - right.at || left.order - right.order)
    const next = sleepers.shift()
    if (next === undefined) {
      pumping = false
      return
    }
    now = Math.max(now, next.at)
    next.wake()
    pumping = false
    pumpSoon()
  }

  const pumpSoon = (): void => {
    if (pumping || sleepers.length === 0) return
    pumping = true
    // Wait for two turns of the event loop, so that everything that is due runs before time moves on.
    setImmediate(() => setImmediate(pump))
  }

  return {
    now: () => now,
    during: async (work) => {
      working += 1
      try {
        return await work()
      } finally {
        working -= 1
        pumpSoon()
      }
    },
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
        pumpSoon()
      }),
  }
}
