// Sends a GET request and follows redirects as far as that is safe.

import { traceRequest } from '../network/trace.ts'
import { httpError } from './failure.ts'
import type { HttpContext } from './settings.ts'
import { type Connection, connect } from './wire/connection.ts'
import type { ResponseHead } from './wire/response-head.ts'

export interface FollowRequest {
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** Whether to follow redirects from https to http. Set it only if a known digest protects the bytes. */
  readonly mayDowngrade: boolean
  /** True if the address came from a public server. */
  readonly publicOnly?: boolean
  readonly signal: AbortSignal
  /** Number of the attempt, from 1. For the trace. */
  readonly attempt?: number | undefined
}

export interface Answer {
  readonly connection: Connection
  readonly head: ResponseHead
  /** The final address, after redirects. */
  readonly url: URL
}

const REDIRECT_LIMIT = 10
const REDIRECT_HINT =
  'The server has an error, or requires a login in a browser: set the final address of the file, or a mirror.'
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Sends the request and follows redirects.
 * @returns the first answer that is not a redirect, whatever its status; the caller closes the connection
 * @throws ProvisionError `HTTP` for redirect loops, too many redirects and unsafe ones
 */
export async function follow(context: HttpContext, request: FollowRequest): Promise<Answer> {
  const seen = new Set<string>()
  let url = request.url
  let cameFromPublic = request.publicOnly ?? false
  for (;;) {
    seen.add(url.href)
    const { connection, head } = await ask(context, request, { url, publicOnly: cameFromPublic })
    if (!REDIRECTS.has(head.status)) return { connection, head, url }
    cameFromPublic = !connection.isPrivate
    connection.close()
    const next = redirectTarget(url, head, request.mayDowngrade)
    if (seen.has(next.href)) throw httpError(request.url, 'redirects in a circle.', { hint: REDIRECT_HINT })
    if (seen.size > REDIRECT_LIMIT)
      throw httpError(request.url, `redirects more than ${REDIRECT_LIMIT} times.`, { hint: REDIRECT_HINT })
    url = next
  }
}

async function ask(
  context: HttpContext,
  { headers, signal, attempt = 1 }: FollowRequest,
  { url, publicOnly }: { readonly url: URL; readonly publicOnly: boolean },
): Promise<{ connection: Connection; head: ResponseHead }> {
  const traced = traceRequest({ to: 'vendor', method: 'GET', url, attempt })
  let connection: Connection | undefined
  try {
    connection = await connect(context, { url, publicOnly, signal })
    const head = await connection.get(url, headers)
    traced(head)
    return { connection, head }
  } catch (error) {
    traced({ error })
    connection?.close()
    throw error
  }
}

function redirectTarget(from: URL, head: ResponseHead, mayDowngrade: boolean): URL {
  const location = head.headers.get('location')
  const to = location === undefined ? null : URL.parse(location, from.href)
  if (to === null) throw httpError(from, 'redirects nowhere.', { hint: REDIRECT_HINT })
  if (to.protocol !== 'https:' && to.protocol !== 'http:')
    throw httpError(from, `redirects to a ${to.protocol} address.`, { hint: REDIRECT_HINT })
  if (from.protocol === 'https:' && to.protocol === 'http:' && !mayDowngrade) {
    throw httpError(
      from,
      `redirects from https to plain http (${to.host}), where anyone on the network could change it.`,
      {
        hint: 'Use a mirror with https, or set the digest: `pve-provision pin` writes it for you.',
      },
    )
  }
  // Send credentials only to the host for which they were given.
  if (to.origin === from.origin && to.username === '') {
    to.username = from.username
    to.password = from.password
  }
  to.hash = ''
  return to
}
