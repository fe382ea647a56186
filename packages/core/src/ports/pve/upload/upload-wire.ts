// The wire side of an upload: the request, what comes back, and where it broke.
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
  /** Where the connection broke: before anything was sent, before the body's last byte, or after it. */
  | { readonly kind: 'lost'; readonly phase: 'connect' | 'body' | 'answer'; readonly cause: Error }

const answerTimeoutMs = 120_000

/**
 * Sends head, file and tail; an answer that comes before the end (no permission, wrong token) ends the sending.
 * @throws ProvisionError `DISK` when the source stalls, fails or is not as long as promised; `TLS`, `CANCELLED`
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
  // A fault of the source ends the request; an end of the request ends the source, in `sendBody`.
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
  /** Aborts when an answer or an error came: there is nothing more to send. */
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

/** Writes the head and waits until there is a connection: no file is opened for a server that is not there. */
async function socketOf(outgoing: ClientRequest, { multipart }: Wire, settled: AbortSignal): Promise<void> {
  const connected = once(outgoing, 'socket', { signal: settled })
  outgoing.write(multipart.head)
  await connected
}

const reasonTimeoutMs = 4_500

/**
 * Why an upload broke off, when Proxmox will say: it answers a wrong token or a missing privilege only after 3 s, and by
 * then it has cut a sender whose bytes it would not read. So the head is sent once more, alone, and waited for.
 * Without a body nothing can come of it.
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
