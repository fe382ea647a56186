// Sends one request exactly as it was recorded, and splits the answer without interpreting it.
import { request } from 'node:https'
import { gunzipSync } from 'node:zlib'
import type { Answer } from './compare.ts'

/** The connection ended without an answer. */
export const NO_ANSWER: Answer = {
  status: 0,
  reason: 'no answer',
  contentType: undefined,
  server: undefined,
  connection: undefined,
  body: '',
}

export type RawRequest = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
}

/** Returns the answer. A connection that ends without one has status 0, as in the recording. */
export function send(endpoint: string, certificate: string, raw: RawRequest): Promise<Answer> {
  const { hostname, port } = new URL(endpoint)
  const headers = { ...raw.headers, ...(raw.body && { 'Content-Length': String(raw.body.length) }) }
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const outgoing = request(
    { hostname, port, method: raw.method, path: raw.path, headers, ca: certificate, agent: false },
    (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', () => resolve(NO_ANSWER))
      incoming.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const text = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
        resolve({
          status: incoming.statusCode ?? 0,
          reason: Buffer.from(incoming.statusMessage ?? '', 'latin1').toString('utf8'),
          contentType: incoming.headers['content-type'],
          server: lastOf(incoming.rawHeaders, 'server'),
          connection: lastOf(incoming.rawHeaders, 'connection'),
          body: parse(text.toString('utf8')),
        })
      })
    },
  )
  outgoing.on('error', () => resolve(NO_ANSWER))
  outgoing.end(raw.body)
  return promise
}

/** Raw headers alternate between names and values. */
function lastOf(rawHeaders: readonly string[], name: string): string | undefined {
  const index = rawHeaders.findLastIndex((text, position) => position % 2 === 0 && text.toLowerCase() === name)
  return index < 0 ? undefined : rawHeaders[index + 1]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
