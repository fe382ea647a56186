// For tests that wait for an event, never for a time: the next request of a kind, and one that is held until it is let go.
import { pathPattern } from '../faults/path-pattern.ts'

export interface ArrivedRequest {
  readonly method: string
  readonly path: string
}

export interface RequestFilter {
  /** Absent: any. */
  readonly method?: string | undefined
  /** Path behind `/api2/json`; `*` stands for one segment, `**` for any. Absent: any. */
  readonly path?: string | undefined
}

export interface HeldRequest {
  /** Settles when the request has come. Nothing has been done for it then. */
  readonly arrived: Promise<ArrivedRequest>
  /** Lets it go on, or any that has not come yet pass by. */
  release(): void
}

export interface RequestWatch {
  /** The next request of this kind, as it arrives; rejects with the signal's reason. */
  next(filter?: RequestFilter, options?: { readonly signal?: AbortSignal | undefined }): Promise<ArrivedRequest>
  /** Holds the next request of this kind before anything is done for it. */
  hold(filter?: RequestFilter): HeldRequest
  /** Tells of a request; what is given back is to be awaited before anything is done for it. */
  arrive(request: ArrivedRequest): Promise<void> | undefined
}

interface Waiting {
  readonly filter: RequestFilter
  readonly arrived: PromiseWithResolvers<ArrivedRequest>
  /** Absent: the request is not held. */
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
      // One hold takes one request; the others wait for the next.
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
