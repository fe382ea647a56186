// Each request to Proxmox and to vendors, for the one that watches: `diagnostics_channel`, as undici and npm do it. Never a
// body, a header, a query or a credential.
import { channel } from 'node:diagnostics_channel'
import { performance } from 'node:perf_hooks'

/** Subscribe with `diagnostics_channel.subscribe(TRACE_CHANNEL, (message) => …)`; a message is a `TracedRequest`. */
export const TRACE_CHANNEL = 'pve-provision:request'

export interface TracedRequest {
  readonly to: 'proxmox' | 'vendor'
  readonly method: string
  /** `https://host:port` of the server. */
  readonly origin: string
  /** Without its query. */
  readonly path: string
  /** From 1; more where the same request was sent before. */
  readonly attempt: number
  /** Absent where no answer came. */
  readonly status?: number | undefined
  /** The code of the network's error, where no answer came. */
  readonly error?: string | undefined
  /** From the request to the head of the answer; for Proxmox to its end. */
  readonly ms: number
}

const requests = channel(TRACE_CHANNEL)

/** What is known before an answer: publishes what became of it, when told. Costs nothing while nobody listens. */
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
