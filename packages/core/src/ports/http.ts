// The vendor's side: documents, first bytes and large files, over HTTP(S).
import { getDocument } from './http/document.ts'
import { download } from './http/download.ts'
import { createHostSlots } from './http/host-slots.ts'
import { peek } from './http/peek.ts'
import { fillIn, type HttpSettings } from './http/settings.ts'
import type { Http } from './world.ts'

export type { HttpLimits, HttpSettings, HttpTiming, ProxySettings } from './http/settings.ts'

/** Contacts nobody before it is asked for something. */
export function createHttp(settings: HttpSettings): Http {
  const context = fillIn(settings)
  const slots = createHostSlots(context.limits.perHost)
  return {
    getDocument: (url, options) => getDocument(context, url, options),
    peek: (url, options) => peek(context, url, options),
    download: (request) => download(context, slots, request),
  }
}
