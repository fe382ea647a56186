// The HTTP(S) client for vendors: documents, first bytes of files, and large files. `create-http.ts` loads it.
import { performance } from 'node:perf_hooks'
import type { Http, HttpDocument, StreamRequest } from '../world.ts'
import { getDocument } from './document.ts'
import { download, measure } from './download/download-file.ts'
import { createHostSlots } from './download/host-slots.ts'
import { createPacer, type Pacer } from './download/pacer.ts'
import type { Shared } from './download/request.ts'
import { stream } from './download/stream-file.ts'
import { peek } from './peek.ts'
import { fillIn, type HttpContext, type HttpSettings } from './settings.ts'

export interface HttpClient extends Omit<Http, 'stream'> {
  readonly stream: (request: StreamRequest) => AsyncGenerator<Uint8Array>
}

/** Creates the client. It connects only when one of its functions is called. */
export function createHttpClient(settings: HttpSettings): HttpClient {
  const context = fillIn(settings)
  const pacers = new Map<string, Pacer>()
  const shared: Shared = {
    context,
    slots: createHostSlots(context.limits.perHost),
    pacerOf(host) {
      const pacer = pacers.get(host) ?? settings.createPacer?.() ?? measuringPacer(context)
      pacers.set(host, pacer)
      return pacer
    },
  }
  const askOnce = createSharedAsking((url, options) => getDocument(context, url, options))
  return {
    getDocument: askOnce,
    peek: (url, options) => peek(context, url, options),
    download: (request) => download(shared, request),
    measure: (request) => measure(shared, request),
    stream: (request) => stream(shared, request),
  }
}

interface Asking {
  readonly answer: Promise<HttpDocument>
  readonly signal: AbortSignal | undefined
}

/** Shares the answer among concurrent requests for the same document. Many images use the same list of checksums. */
function createSharedAsking(ask: Http['getDocument']): Http['getDocument'] {
  const running = new Map<string, Asking>()
  return (url, options = {}) => {
    const { limitBytes, signal } = options
    const key = `${limitBytes} ${url.href}`
    const shared = running.get(key)
    if (shared !== undefined && shared.signal === signal) return shared.answer
    const asking = { signal, answer: ask(url, options).finally(() => running.delete(key)) }
    running.set(key, asking)
    return asking.answer
  }
}

function measuringPacer({ limits, timing }: HttpContext): Pacer {
  return createPacer({ most: limits.connectionsPerImage, ...timing, load: createLoad() })
}

/** Returns a function that measures how busy the event loop was since its last call, from 0 to 1. */
function createLoad(): () => number {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}
