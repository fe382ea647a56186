// The HTTP request of an upload: sends it, reads the answer, and detects where it broke.
import { once } from 'node:events'
import type { ClientRequest } from 'node:http'
import { type Agent, request as httpsRequest } from 'node:https'
import { ProvisionError } from '../../../errors.ts'
import { type Answer, cancelled, readAnswer } from '../call/https-request.ts'
import type { Multipart } from './multipart.ts'
import { type FileSource, pump } from './upload-source.ts'

export interface Wire {
  readonly url: URL
  readonly agent: Agent
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly multipart: Multipart
  readonly signal: AbortSignal | undefined
}

export type Sent =
  | Answer
  /** Where the connection broke: before anything was sent, before the last byte of the body, or after it. */
  | { readonly kind: 'lost'; readonly phase: 'connect' | 'body' | 'answer'; readonly cause: Error }

const answerTimeoutMs = 120_000

/**
 * Sends head, file and tail. An early answer, such as a missing permission or a wrong token, ends the sending.
 * @throws ProvisionError `DISK` if the source stalls, fails or has another length than promised; `TLS`, `CANCELLED`
 */
export async function sendFile(wire: Wire, source: FileSource): Promise<Sent> {
  const settled = new AbortController()
  const outgoing = openRequest(wire)
  let phase: 'connect' | 'body' | 'answer' = 'connect'
  const outcome = new Promise<Sent>((resolve, reject) => {
    const lose = (cause: Error) => {
      settled.abort()
      if (cause instanceof ProvisionError) return reject(cause)
      if (wire.signal?.aborted)
        return reject(
          cancelled({ method: 'POST', path: wire.path }, { sent: phase === 'answer', cause: wire.signal.reason }),
        )
      resolve({ kind: 'lost', phase, cause })
    }
    outgoing.on('error', lose)
    outgoing.once('response', (incoming) => {
      settled.abort()
      void readAnswer(incoming).then(resolve, lose)
    })
  })
  const sending = sendBody(outgoing, source, { wire, settled: settled.signal, enter: (next) => (phase = next) })
  // A failed source ends the request. The end of the request ends the source, in `sendBody`.
  sending.catch((error: Error) => outgoing.destroy(error))
  try {
    return await outcome
  } finally {
    outgoing.destroy()
    await sending.catch(() => undefined)
  }
}

function openRequest({ url, agent, path, headers, multipart, signal }: Wire): ClientRequest {
  return httpsRequest({
    host: url.hostname,
    port: url.port || 443,
    agent,
    method: 'POST',
    path,
    headers: {
      host: url.host,
      ...headers,
      'content-type': multipart.contentType,
      'content-length': String(multipart.contentLength),
    },
    ...(signal ? { signal } : {}),
    maxHeaderSize: 256 * 1024,
  })
}

interface Sending {
  readonly wire: Wire
  /** Aborts when an answer or an error arrives. Nothing more is sent then. */
  readonly settled: AbortSignal
  readonly enter: (phase: 'body' | 'answer') => void
}

async function sendBody(outgoing: ClientRequest, file: FileSource, { wire, settled, enter }: Sending): Promise<void> {
  try {
    await socketOf(outgoing, wire, settled)
    enter('body')
    await pump(outgoing, file, settled)
    enter('answer')
    outgoing.end(wire.multipart.tail)
    outgoing.setTimeout(answerTimeoutMs, () =>
      outgoing.destroy(new Error(`no answer within ${answerTimeoutMs / 1000} s`)),
    )
  } catch (error) {
    if (!settled.aborted) throw error
  }
}

/** Writes the head and waits for a connection, so that the file is not opened for a server that is down. */
async function socketOf(outgoing: ClientRequest, { multipart }: Wire, settled: AbortSignal): Promise<void> {
  const connected = once(outgoing, 'socket', { signal: settled })
  outgoing.write(multipart.head)
  await connected
}

const reasonTimeoutMs = 4_500

/**
 * Finds out why an upload broke. Proxmox reports a wrong token or a missing privilege only after 3 s. By then, it has
 * closed the connection of a sender whose bytes it did not read. So this sends the head again, without a body, and
 * waits for the answer. Without a body the request has no effect.
 */
export async function askForReason(wire: Wire): Promise<Answer | undefined> {
  const deadline = AbortSignal.timeout(reasonTimeoutMs)
  const outgoing = openRequest({ ...wire, signal: wire.signal ? AbortSignal.any([wire.signal, deadline]) : deadline })
  outgoing.flushHeaders()
  try {
    return await new Promise<Answer>((resolve, reject) => {
      outgoing.on('error', reject)
      outgoing.once('response', (incoming) => void readAnswer(incoming).then(resolve, reject))
    })
  } catch (error) {
    if (error instanceof ProvisionError) throw error
    return undefined
  } finally {
    outgoing.destroy()
  }
}
