// Publishes each request to Proxmox and vendors on a `diagnostics_channel`, as undici and npm do. A message never
// contains a body, a header, a query or a credential.
import { channel } from 'node:diagnostics_channel'

/**
 * Name of the channel. Subscribe with `diagnostics_channel.subscribe(TRACE_CHANNEL, (message) => …)`. Each message is a
 * `TracedRequest`.
 */
export const TRACE_CHANNEL = 'pve-provision:request'

/** A finished request, as published on `TRACE_CHANNEL`. */
export interface TracedRequest {
  readonly to: 'proxmox' | 'vendor'
  readonly method: string
  /** `https://host:port` of the server. */
  readonly origin: string
  /** The path without its query. */
  readonly path: string
  /** Starts at 1 and increases when the same request is sent again. */
  readonly attempt: number
  /** Absent if there was no answer. */
  readonly status?: number | undefined
  /** Code of the network error, if there was no answer. */
  readonly error?: string | undefined
  /** Milliseconds from the request to the head of the answer; for Proxmox, to its end. */
  readonly ms: number
}

const requests = channel(TRACE_CHANNEL)

/** Starts to trace a request. Returns a function that publishes its outcome. It costs nothing without a subscriber. */
export function traceRequest(
  request: Pick<TracedRequest, 'to' | 'method' | 'attempt'> & { readonly url: URL; readonly path?: string | undefined },
): (outcome: { readonly status: number } | { readonly error: unknown }) => void {
  if (!requests.hasSubscribers) return () => undefined
  const { to, method, attempt, url, path = url.pathname } = request
  const startedMs = performance.now()
  return (outcome) => {
    const ms = Math.round((performance.now() - startedMs) * 10) / 10
    const known = { to, method, origin: url.origin, path: path.replace(/\?.*$/s, ''), attempt, ms }
    const message: TracedRequest =
      'status' in outcome ? { ...known, status: outcome.status } : { ...known, error: codeOf(outcome.error) }
    requests.publish(message)
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'unknown'
}
