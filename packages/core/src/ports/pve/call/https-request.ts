// Sends one HTTP request and reads its answer. It does not retry and does not interpret the answer.

import type { IncomingMessage } from 'node:http'
import type https from 'node:https'
import { request as httpsRequest } from 'node:https'
import { ProvisionError } from '../../../errors.ts'
import { describeCall } from '../ids.ts'
import type { Method } from '../pve.ts'

export interface ExchangeRequest {
  readonly url: URL
  readonly agent: https.Agent
  readonly method: Method
  /** The path with its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly kind: 'answer'
  readonly status: number
  readonly reason: string
  readonly body: string
}

export interface Lost {
  readonly kind: 'lost'
  /** True if the other side may have received the request. */
  readonly sent: boolean
  readonly cause: Error
}

export type Exchanged = Answer | Lost

const answerLimitBytes = 128 * 1024 * 1024

/**
 * Sends a request and reads its answer.
 * @throws ProvisionError `TLS` (nothing was sent), `CANCELLED`
 */
export function exchange(request: ExchangeRequest): Promise<Exchanged> {
  const { url, agent, method, path, body, timeoutMs, signal } = request
  const deadline = AbortSignal.timeout(timeoutMs)
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled(request, { sent: false, cause: signal.reason }))
    let sent = false
    const fail = (cause: Error) => {
      if (cause instanceof ProvisionError) return reject(cause)
      if (signal?.aborted) return reject(cancelled(request, { sent, cause: signal.reason }))
      const timedOut = deadline.aborted ? new Error(`no answer within ${timeoutMs / 1000} s`, { cause }) : cause
      resolve({ kind: 'lost', sent, cause: timedOut })
    }
    const outgoing = httpsRequest({
      host: url.hostname,
      port: url.port || 443,
      agent,
      method,
      path,
      headers: { host: url.host, ...request.headers, ...contentHeaders(body) },
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      // Proxmox puts its error texts into the status line, and they can be long.
      maxHeaderSize: 256 * 1024,
    })
    outgoing.once('socket', () => {
      sent = true
    })
    outgoing.once('error', fail)
    outgoing.once('response', (incoming) => {
      if (method === 'GET' && staysOpen(incoming)) outgoing.shouldKeepAlive = true
      void readAnswer(incoming).then(resolve, fail)
    })
    outgoing.end(body)
  })
}

/**
 * Returns true if pveproxy keeps this connection open. When it relays the answer of another daemon, it sends that
 * daemon's `Connection: close` before its own `Connection: Keep-Alive`. The last header is the one that applies.
 */
function staysOpen({ rawHeaders, statusCode = 0 }: IncomingMessage): boolean {
  const index = rawHeaders.findLastIndex((text, place) => place % 2 === 0 && text.toLowerCase() === 'connection')
  return statusCode < 400 && rawHeaders[index + 1]?.toLowerCase() === 'keep-alive'
}

function contentHeaders(body: string | undefined): Readonly<Record<string, string>> {
  if (body === undefined) return {}
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(body)),
  }
}

/** Reads a complete answer. Rejects if it is truncated. */
export async function readAnswer(incoming: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > answerLimitBytes) throw new Error(`the answer is larger than ${answerLimitBytes} bytes`)
    chunks.push(chunk)
  }
  return {
    kind: 'answer',
    status: incoming.statusCode ?? 0,
    reason: decodeReason(incoming.statusMessage ?? ''),
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

// Node decodes a status line as Latin-1; Proxmox writes UTF-8.
function decodeReason(text: string): string {
  const decoded = Buffer.from(text, 'latin1').toString('utf8')
  return decoded.includes('\uFFFD') ? text : decoded
}

interface Interruption {
  readonly sent: boolean
  readonly cause: unknown
}

/**
 * Creates the error for a call that the caller's signal aborted. `details.sent` says if Proxmox may have received it.
 */
export function cancelled(
  { method, path }: Pick<ExchangeRequest, 'method' | 'path'>,
  { sent, cause }: Interruption,
): ProvisionError {
  const lostReply = sent && method !== 'GET'
  const doubt = lostReply ? ' Proxmox may have carried it out.' : ''
  return new ProvisionError('CANCELLED', `${describeCall(method, path)} was interrupted.${doubt}`, {
    cause,
    details: { method, sent, lostReply },
  })
}
