// Limits the connections to each vendor host, over all images.

export interface HostSlots {
  /** Waits for a slot, first come, first served. Resolves with a function that releases it. */
  take(host: string, signal: AbortSignal): Promise<() => void>
  /** Returns a slot if one is free and no one waits for it. */
  tryTake(host: string): (() => void) | undefined
  /** Returns true if a request waits for a slot of this host. */
  isWanted(host: string): boolean
}

interface Lane {
  used: number
  readonly waiting: Set<() => void>
}

export function createHostSlots(perHost: number): HostSlots {
  const lanes = new Map<string, Lane>()

  function laneOf(host: string): Lane {
    const lane = lanes.get(host) ?? { used: 0, waiting: new Set() }
    lanes.set(host, lane)
    return lane
  }

  function enter(lane: Lane): () => void {
    lane.used += 1
    let given = false
    return () => {
      if (given) return
      given = true
      lane.used -= 1
      const [next] = lane.waiting
      if (next !== undefined) lane.waiting.delete(next)
      next?.()
    }
  }

  return {
    async take(host, signal) {
      signal.throwIfAborted()
      const lane = laneOf(host)
      if (lane.used < perHost) return enter(lane)
      const { promise, resolve, reject } = Promise.withResolvers<() => void>()
      // The slot is taken in the same turn of the event loop in which it was released, so no other request can take it.
      const admit = (): void => resolve(enter(lane))
      const abort = (): void => {
        if (lane.waiting.delete(admit)) reject(signal.reason)
      }
      lane.waiting.add(admit)
      signal.addEventListener('abort', abort, { once: true })
      return promise.finally(() => signal.removeEventListener('abort', abort))
    },
    tryTake(host) {
      const lane = laneOf(host)
      return lane.used < perHost && lane.waiting.size === 0 ? enter(lane) : undefined
    },
    isWanted: (host) => laneOf(host).waiting.size > 0,
  }
}
