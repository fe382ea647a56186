// Logs requests and answers: the last ones in order, and counts of all.
import { createRequestWatch, type RequestWatch } from './request-watch.ts'

export interface LoggedRequest {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly method: string
  readonly path: string
  /** As in the API's description: `/nodes/{node}/qemu/{vmid}/config`. */
  readonly template: string
  readonly user: string
  status: number
  reason: string
  elapsedMs: number
}

export interface RequestLog extends RequestWatch {
  add(request: LoggedRequest): void
  /** The last 1,000 requests, oldest first. */
  readonly recent: readonly LoggedRequest[]
  readonly total: number
  /** Returns how often each `METHOD /template` was called. */
  counts(): Readonly<Record<string, number>>
  clear(): void
}

const kept = 1_000

export function createRequestLog(): RequestLog {
  const recent: LoggedRequest[] = []
  const counts = new Map<string, number>()
  let total = 0
  return {
    ...createRequestWatch(),
    add: (request) => {
      total += 1
      const key = `${request.method} ${request.template}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
      recent.push(request)
      if (recent.length > kept) recent.shift()
    },
    recent,
    get total() {
      return total
    },
    counts: () => Object.fromEntries(counts),
    clear: () => {
      recent.splice(0)
      counts.clear()
      total = 0
    },
  }
}
