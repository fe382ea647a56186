// For tests that wait for an event instead of a time: waits for the next matching request, or holds it until it is
// released.
import { pathPattern } from '../faults/path-pattern.ts'

export interface ArrivedRequest {
  readonly method: string
  readonly path: string
}

export interface RequestFilter {
  /** Default: any. */
  readonly method?: string | undefined
  /** Path after `/api2/json`; `*` stands for one segment, `**` for any number. Default: any. */
  readonly path?: string | undefined
}

export interface HeldRequest {
  /** Resolves when the request has arrived. It has not been processed yet. */
  readonly arrived: Promise<ArrivedRequest>
  /** Lets the request continue. If it has not arrived yet, it is not held. */
  release(): void
}

export interface RequestWatch {
  /** Resolves with the next matching request as it arrives. Rejects with the signal's reason. */
  next(filter?: RequestFilter, options?: { readonly signal?: AbortSignal | undefined }): Promise<ArrivedRequest>
  /** Holds the next matching request before it is processed. */
  hold(filter?: RequestFilter): HeldRequest
  /** Reports a request. The caller must await the result before it processes the request. */
  arrive(request: ArrivedRequest): Promise<void> | undefined
}

interface Waiting {
  readonly filter: RequestFilter
  readonly arrived: PromiseWithResolvers<ArrivedRequest>
  /** Absent if the request is not held. */
  readonly released?: PromiseWithResolvers<void>
}

export function createRequestWatch(): RequestWatch {
  const waiting = new Set<Waiting>()
  const wait = (entry: Waiting): Waiting => {
    waiting.add(entry)
    return entry
  }
  return {
    next(filter = {}, { signal } = {}) {
      const entry = wait({ filter, arrived: Promise.withResolvers() })
      const abort = () => {
        waiting.delete(entry)
        entry.arrived.reject(signal?.reason)
      }
      if (signal?.aborted) abort()
      signal?.addEventListener('abort', abort, { once: true })
      return entry.arrived.promise.finally(() => signal?.removeEventListener('abort', abort))
    },
    hold(filter = {}) {
      const released = Promise.withResolvers<void>()
      const entry = wait({ filter, arrived: Promise.withResolvers(), released })
      const release = () => {
        waiting.delete(entry)
        released.resolve()
      }
      return { arrived: entry.arrived.promise, release }
    },
    arrive(request) {
      const met = [...waiting].filter(({ filter }) => matches(filter, request))
      // One hold takes one request. The others wait for the next one.
      const holding = met.find(({ released }) => released !== undefined)
      for (const entry of met.filter((each) => each.released === undefined || each === holding)) {
        waiting.delete(entry)
        entry.arrived.resolve(request)
      }
      return holding?.released?.promise
    },
  }
}

function matches({ method, path }: RequestFilter, request: ArrivedRequest): boolean {
  return (
    (method === undefined || method === request.method) && (path === undefined || pathPattern(path).test(request.path))
  )
}
