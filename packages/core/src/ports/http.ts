// The vendor's side: documents, first bytes and large files, over HTTP(S).
import { performance } from 'node:perf_hooks'
import { getDocument } from './http/document.ts'
import { download, measure } from './http/download.ts'
import { createHostSlots } from './http/host-slots.ts'
import type { Shared } from './http/job.ts'
import { createPacer, type Pacer } from './http/pacer.ts'
import { peek } from './http/peek.ts'
import { fillIn, type HttpContext, type HttpSettings } from './http/settings.ts'
import { stream } from './http/stream.ts'
import type { Http } from './world.ts'

export type { HttpLimits, HttpSettings, HttpTiming, ProxySettings } from './http/settings.ts'

/** Contacts nobody before it is asked for something. */
export function createHttp(settings: HttpSettings): Http {
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
  return {
    getDocument: (url, options) => getDocument(context, url, options),
    peek: (url, options) => peek(context, url, options),
    download: (request) => download(shared, request),
    measure: (request) => measure(shared, request),
    stream: (request) => stream(shared, request),
  }
}

function measuringPacer({ limits, timing }: HttpContext): Pacer {
  return createPacer({ most: limits.connectionsPerImage, ...timing, load: createLoad() })
}

/** How busy the event loop was between two calls. */
function createLoad(): () => number {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}
