// A client under test, with a clock that the test controls and a meter.

import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { createPve, type PveSettings } from '../../../../src/ports/pve/create-pve.ts'
import type { Pve } from '../../../../src/ports/pve/pve.ts'
import type { Clock, Counter, Meter } from '../../../../src/ports/world.ts'
import type { TestServer } from './servers.ts'

export interface TestClock extends Clock {
  /** All sleeps so far, in order. */
  readonly sleeps: number[]
}

/** Sleeping takes no time, but advances the clock. */
export function testClock(): TestClock {
  const sleeps: number[] = []
  let nowMs = Date.UTC(2026, 10, 24)
  return {
    sleeps,
    now: () => nowMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted()
      sleeps.push(ms)
      nowMs += ms
      // Lets timers and sockets run.
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
    },
  }
}

export function testMeter(): Meter {
  const counts: Record<Counter, number> = {
    bytesDownloaded: 0,
    bytesUploaded: 0,
    bytesSaved: 0,
    apiRequests: 0,
    cacheHits: 0,
    retries: 0,
  }
  return {
    add: (counter, amount) => {
      counts[counter] += amount
    },
    read: () => counts,
  }
}

export interface TestClient {
  readonly pve: Pve
  readonly clock: TestClock
  readonly meter: Meter
}

export const tokenId = 'ci@pve!runner'
export const tokenSecret = '6b1f7a3e-0c5d-4d3e-9f5a-1d2c3b4a5968'

/** Creates a client for these servers, which by default trusts their certificates by fingerprint. */
export function clientOf(servers: TestServer | readonly TestServer[], settings: Partial<PveSettings> = {}): TestClient {
  const list = Array.isArray(servers) ? servers : [servers as TestServer]
  const clock = testClock()
  const meter = testMeter()
  const pve = createPve({
    endpoints: list.map(({ url }) => url),
    credentials: { tokenId, tokenSecret },
    trust: { fingerprint: list.map(({ fingerprint }) => fingerprint) },
    clock,
    meter,
    ...settings,
  })
  onTestFinished(() => pve.close())
  return { pve, clock, meter }
}

/** Returns the error of a promise. Fails the test if the promise resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome) return outcome.error
  throw new Error(`resolved with ${JSON.stringify(outcome.value)}`)
}

/** Real time, for servers whose tasks take some. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {})
  },
}
