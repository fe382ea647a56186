// Creates the HTTP(S) client for vendors. A run that contacts no vendor does not load its code.
import { Readable } from 'node:stream'
import type { Http, StreamRequest } from '../world.ts'
import type { HttpClient } from './http-client.ts'
import type { HttpSettings } from './settings.ts'

export type { HttpLimits, HttpSettings, HttpTiming } from './settings.ts'

/** Creates the client. It is loaded, and connects, only when one of its functions is called. */
export function createHttp(settings: HttpSettings): Http {
  let loaded: Promise<HttpClient> | undefined
  const client = () => {
    loaded ??= import('./http-client.ts').then(({ createHttpClient }) => createHttpClient(settings))
    return loaded
  }
  return {
    getDocument: async (url, options) => (await client()).getDocument(url, options),
    peek: async (url, options) => (await client()).peek(url, options),
    download: async (request) => (await client()).download(request),
    measure: async (request) => (await client()).measure(request),
    stream: (request) => Readable.from(chunksOf(request, client), { objectMode: false, highWaterMark: 256 * 1024 }),
  }
}

async function* chunksOf(request: StreamRequest, client: () => Promise<HttpClient>): AsyncGenerator<Uint8Array> {
  yield* (await client()).stream(request)
}
