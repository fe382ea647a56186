// Sends calls to a cluster with several endpoints. If a connection fails, the next endpoint takes over.

import { ProvisionError } from '../../../errors.ts'
import { type ProxySettings, proxyFor } from '../../network/proxy.ts'
import { traceRequest } from '../../network/trace.ts'
import type { Meter } from '../../world.ts'
import { createEndpoint, type Endpoint } from '../agent.ts'
import { parseTrust, type TrustSettings } from '../trust.ts'
import { type Answer, type Exchanged, type ExchangeRequest, exchange, type Lost } from './https-request.ts'

export type Call = Pick<ExchangeRequest, 'method' | 'path' | 'headers' | 'body' | 'timeoutMs' | 'signal'> & {
  /** Number of the attempt, from 1. For the trace. */
  readonly attempt?: number | undefined
}

/** No endpoint could be reached, or the answer did not arrive. */
export interface Unanswered extends Lost {
  /** One sentence for each endpoint. */
  readonly attempts: readonly string[]
}

export interface Transport {
  /** The endpoint in use. */
  current(): Endpoint
  /** Sends a call once. Only a call that was certainly not sent goes to the next endpoint. */
  send(call: Call): Promise<Answer | Unanswered>
  /** Switches to another endpoint, if there is one, after this one lost an answer. */
  leave(endpoint: Endpoint): void
  close(): void
}

export interface TransportSettings {
  readonly endpoints: readonly URL[]
  readonly trust?: TrustSettings | undefined
  readonly proxy?: ProxySettings | undefined
  readonly meter: Meter
  readonly userAgent: string
}

/**
 * Creates the transport.
 * @throws ProvisionError `UNREACHABLE` if an endpoint is not an https address, `TLS` if a fingerprint is malformed
 */
export function createTransport({ endpoints, trust, proxy, meter, userAgent }: TransportSettings): Transport {
  const parsedTrust = parseTrust(trust)
  const closing = new AbortController()
  const all = endpoints.map((url) =>
    createEndpoint({
      url: checkEndpoint(url),
      trust: parsedTrust,
      proxy: proxyFor(url, proxy),
      closed: closing.signal,
    }),
  )
  let index = 0
  const current = () => at(all, index)
  const leave = (endpoint: Endpoint) => {
    // Several calls may fail on the same endpoint; only the first one switches.
    if (endpoint === current()) index = (index + 1) % all.length
  }
  const sendTo = async ({ url, reads, changes }: Endpoint, { attempt = 1, ...call }: Call) => {
    meter.add('apiRequests', 1)
    const agent = call.method === 'GET' ? reads : changes
    const traced = traceRequest({ to: 'proxmox', method: call.method, url, path: call.path, attempt })
    const exchanged = await exchange({ ...call, url, agent, headers: { 'user-agent': userAgent, ...call.headers } })
    traced(exchanged.kind === 'answer' ? exchanged : { error: exchanged.cause })
    return exchanged
  }
  const close = () => {
    closing.abort(new Error('the client was closed'))
    for (const { reads, changes } of all) {
      reads.destroy()
      changes.destroy()
    }
  }
  return { current, send: (call) => sendAround({ count: all.length, current, leave, sendTo }, call), leave, close }
}

interface Circle {
  readonly count: number
  readonly current: () => Endpoint
  readonly leave: (endpoint: Endpoint) => void
  readonly sendTo: (endpoint: Endpoint, call: Call) => Promise<Exchanged>
}

/** Tries the endpoints in order, as long as none can have received the call. */
async function sendAround({ count, current, leave, sendTo }: Circle, call: Call): Promise<Answer | Unanswered> {
  const attempts: string[] = []
  for (;;) {
    const endpoint = current()
    const exchanged = await sendTo(endpoint, call)
    if (exchanged.kind === 'answer') return exchanged
    attempts.push(`${endpoint.url.host}: ${describeNetworkError(exchanged.cause)}`)
    leave(endpoint)
    if (exchanged.sent || attempts.length >= count) return { ...exchanged, attempts }
  }
}

function at(endpoints: readonly Endpoint[], index: number): Endpoint {
  const endpoint = endpoints[index]
  if (endpoint) return endpoint
  throw new ProvisionError('UNREACHABLE', 'No Proxmox endpoint is given.', {
    hint: 'Set PVE_ENDPOINT=https://host:8006',
  })
}

function checkEndpoint(url: URL): URL {
  if (url.protocol === 'https:') return url
  throw new ProvisionError(
    'UNREACHABLE',
    `${url.protocol}//${url.host} is not an https address, which Proxmox needs.`,
    {
      hint: 'Set PVE_ENDPOINT=https://host:8006',
    },
  )
}

/** Formats a network error. An AggregateError (several addresses of one name) has no message of its own. */
export function describeNetworkError(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  if (error instanceof AggregateError) return error.errors.map((one) => describeNetworkError(one)).join(', ')
  return error.message || code || error.name
}
