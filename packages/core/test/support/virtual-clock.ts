// A clock that tests control: sleepers wake in order of time, without real waiting.
import type { Clock } from '../../src/ports/world.ts'

export function virtualClock(): Clock {
  let nowMs = 0
  const sleepers: { readonly atMs: number; readonly wake: () => void }[] = []
  let scheduled = false
  const wakeNext = () => {
    scheduled = false
    sleepers.sort((one, other) => one.atMs - other.atMs)
    const next = sleepers.shift()
    if (next === undefined) return
    nowMs = next.atMs
    next.wake()
    schedule()
  }
  const schedule = () => {
    if (scheduled || sleepers.length === 0) return
    scheduled = true
    // Runs after everything that is ready now: promises first, then the next sleeper.
    setImmediate(wakeNext)
  }
  return {
    now: () => nowMs,
    sleep: (ms) =>
      new Promise((resolve) => {
        sleepers.push({ atMs: nowMs + ms, wake: resolve })
        schedule()
      }),
  }
}
