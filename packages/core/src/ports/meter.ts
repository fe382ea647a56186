// Counts what the ports did.
import type { Counter, Meter } from './world.ts'

export function createMeter(): Meter {
  const counts: Record<Counter, number> = {
    bytesDownloaded: 0,
    bytesUploaded: 0,
    bytesSaved: 0,
    apiRequests: 0,
    cacheHits: 0,
    retries: 0,
  }
  return {
    add(counter, amount) {
      counts[counter] += amount
    },
    read: () => ({ ...counts }),
  }
}
