// The wire side of an upload: exact length, constant memory, no pause that Proxmox would take for a dead connection.
import { once } from 'node:events'
import type { ClientRequest } from 'node:http'
import { type Agent, request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { ProvisionError } from '../../errors.ts'
import { type Answer, cancelled, readAnswer } from './exchange.ts'
import type { Multipart } from './multipart.ts'

export interface Wire {
  readonly url: URL
  readonly agent: Agent
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly multipart: Multipart
  readonly signal: AbortSignal | undefined
}

export interface FileSource {
  readonly open: () => Readable
  readonly sizeBytes: number
  readonly onBytes: (sent: number, chunk: number) => void
}

export type Sent =
  | Answer
  /** Where the connection broke: before anything was sent, before the body's last byte, or after it. */
  | { readonly kind: 'lost'; readonly phase: 'connect' | 'body' | 'answer'; readonly cause: Error }

// pveproxy cuts a connection on which nothing arrives for 5 s, without a word.
const sourceStallMs = 4_000
const serverStallMs = 60_000
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

async function pump(
  outgoing: ClientRequest,
  { open, sizeBytes, onBytes }: FileSource,
  settled: AbortSignal,
): Promise<void> {
  const source = open()
  const watch = watchStalls(source, outgoing)
  const stop = () => source.destroy()
  settled.addEventListener('abort', stop, { once: true })
  let sent = 0
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      sent += chunk.length
      if (sent > sizeBytes) throw wrongLength(sizeBytes, 'more')
      watch.serverTurn()
      if (!outgoing.write(chunk)) await once(outgoing, 'drain', { signal: settled })
      watch.sourceTurn()
      onBytes(sent, chunk.length)
    }
    if (sent < sizeBytes && !settled.aborted) throw wrongLength(sizeBytes, String(sent))
  } catch (error) {
    throw error instanceof ProvisionError ? error : sourceFailed(error)
  } finally {
    watch.stop()
    settled.removeEventListener('abort', stop)
    source.destroy()
  }
}

interface StallWatch {
  serverTurn(): void
  sourceTurn(): void
  stop(): void
}

/** One timer for both sides: whose turn it is may not take longer than Proxmox or we would wait. */
function watchStalls(source: Readable, outgoing: ClientRequest): StallWatch {
  let server = false
  let turnStartedMs = performance.now()
  const check = () => {
    const waitedMs = performance.now() - turnStartedMs
    if (!server && waitedMs >= sourceStallMs) source.destroy(stalled())
    if (server && waitedMs >= serverStallMs)
      outgoing.destroy(new Error(`Proxmox took nothing for ${serverStallMs / 1000} s`))
  }
  const timer = setInterval(check, 250)
  const turn = (next: boolean) => () => {
    server = next
    turnStartedMs = performance.now()
  }
  return { serverTurn: turn(true), sourceTurn: turn(false), stop: () => clearInterval(timer) }
}

function stalled(): ProvisionError {
  return new ProvisionError(
    'DISK',
    `The file to upload gave no bytes for ${sourceStallMs / 1000} s; Proxmox would cut the connection after 5 s.`,
    {
      hint: 'Is the cache on a slow or sleeping disk? Set PVE_PROVISION_CACHE to a local one.',
    },
  )
}

function wrongLength(sizeBytes: number, seen: string): ProvisionError {
  return new ProvisionError(
    'DISK',
    `The file to upload is not as long as it was: ${sizeBytes} bytes were promised, ${seen} came.`,
    {
      hint: 'Something changed the file while it was sent; run again.',
    },
  )
}

function sourceFailed(cause: unknown): ProvisionError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new ProvisionError('DISK', `The file to upload cannot be read: ${message}`, { cause })
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
