// Requests one part of a file whose download has started, and checks that it belongs to the same file.

import { traceRequest } from '../../network/trace.ts'
import { isTransient } from '../failure.ts'
import { type Answer, follow } from '../follow.ts'
import type { HttpContext } from '../settings.ts'
import type { Connection } from '../wire/connection.ts'
import { contentRange, type ResponseHead } from '../wire/response-head.ts'
import type { Part } from './parts.ts'
import { agree, rangeHeaders, type Source, sourceOf } from './source.ts'

export interface PartRequest {
  readonly context: HttpContext
  /** The answer with which the download started. */
  readonly answer: Answer
  readonly source: Source
  readonly part: Part
  /** A connection that may still be open. */
  readonly idle?: Connection | undefined
  readonly signal: AbortSignal
}

/**
 * Requests the part.
 * @returns a connection with the part as its next body, or undefined if the server does not serve it
 * @throws ProvisionError `HTTP`; the signal's reason when it aborts
 */
export async function askForPart(request: PartRequest): Promise<Connection | undefined> {
  const { source, part, signal } = request
  const headers = rangeHeaders(source, request.answer.url, part)
  const { connection, head, url } = (await askAgain(request, headers)) ?? (await askAnew(request, headers))
  const range = contentRange(head)
  const fits = head.status === 206 && range?.first === part.from && range.last === part.end - 1
  if (fits && agree(source, sourceOf({ connection, head, url }))) return connection
  connection.close()
  signal.throwIfAborted()
  return undefined
}

/** Reuses an open connection. The server may have closed it meanwhile. */
async function askAgain(
  { idle, answer: { url } }: PartRequest,
  headers: Readonly<Record<string, string>>,
): Promise<Answer | undefined> {
  if (idle === undefined) return undefined
  try {
    if (idle.isReusable()) return { connection: idle, head: await traced(idle, url, headers), url }
  } catch (error) {
    if (!isTransient(error)) throw error
  }
  idle.close()
  return undefined
}

async function traced(idle: Connection, url: URL, headers: Readonly<Record<string, string>>): Promise<ResponseHead> {
  const told = traceRequest({ to: 'vendor', method: 'GET', url, attempt: 1 })
  try {
    const head = await idle.get(url, headers)
    told(head)
    return head
  } catch (error) {
    told({ error })
    throw error
  }
}

function askAnew({ context, answer, signal }: PartRequest, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const publicOnly = !answer.connection.isPrivate
  return follow(context, { url: answer.url, headers, publicOnly, mayDowngrade: true, signal })
}
