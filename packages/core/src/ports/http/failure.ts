// Creates errors about vendor servers: one sentence each, and whether a retry makes sense.
import { ProvisionError } from '../../errors.ts'

export interface FailureOptions {
  readonly cause?: unknown
  readonly hint?: string
  /** True if the same request may succeed later. */
  readonly transient?: boolean
  readonly status?: number
  /** How long the server asks to wait (`Retry-After`), in milliseconds. */
  readonly retryAfterMs?: number
}

export function httpError(url: URL, sentence: string, options: FailureOptions = {}): ProvisionError {
  const { cause, hint, transient = false, status, retryAfterMs } = options
  return new ProvisionError('HTTP', `${shownUrl(url)} ${sentence}`, {
    ...(cause === undefined ? {} : { cause }),
    ...(hint === undefined ? {} : { hint }),
    details: {
      url: shownUrl(url),
      transient,
      ...(status === undefined ? {} : { status }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  })
}

/** Formats a URL for display: without credentials, and without its query, which may sign the address. */
export function shownUrl(url: URL): string {
  const query = url.search === '' ? '' : '?…'
  return `${url.protocol}//${url.host}${url.pathname}${query}`
}

export function isTransient(thrown: unknown): boolean {
  return thrown instanceof ProvisionError && thrown.code === 'HTTP' && thrown.details.transient === true
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'cannot be found: no such host',
  EAI_AGAIN: 'cannot be found: the name server does not answer',
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'broke the connection',
  EPIPE: 'broke the connection',
  ETIMEDOUT: 'does not answer',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
}

const UNREACHABLE_HINT =
  'Check the address in the manifest, and the network of your computer. To use a proxy, set HTTPS_PROXY.'

/** Turns a socket error into an error about the server. */
export function fromSocketError(url: URL, thrown: unknown): ProvisionError {
  if (thrown instanceof ProvisionError) return thrown
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const reason = REASONS[code]
  if (reason !== undefined)
    return httpError(url, `${reason}.`, { cause: error, transient: code !== 'ENOTFOUND', hint: UNREACHABLE_HINT })
  if (isCertificateError(code)) {
    return httpError(url, `has a certificate that is not trusted (${code}).`, {
      cause: error,
      hint: 'Check the address. Behind a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS to its certificate.',
    })
  }
  return httpError(url, `cannot be read: ${error.message}`, { cause: error, transient: true })
}

function isCertificateError(code: string): boolean {
  return /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/.test(code)
}

const GONE = 'Check the address in the manifest: the vendor may have removed this build or renamed the file.'
const LOCKED =
  'If it needs a login, put it in the address: https://USER:PASSWORD@HOST/…, with ${secret:NAME} for the password. A signed address may have expired.'
const REFUSED =
  'The request used the user and password in the address. They may be wrong (percent-encode all characters except letters and digits), or have no access to this file.'
const STATUS_HINTS: Readonly<Record<number, string>> = {
  401: LOCKED,
  403: LOCKED,
  404: GONE,
  407: 'A proxy requires a login: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT (for http addresses HTTP_PROXY).',
  410: GONE,
  429: 'The server limits requests: wait, or set a mirror (`mirrors`).',
  451: 'The server does not deliver this file to your network: set a mirror (`mirrors`).',
}

function hintForStatus(url: URL, status: number): string | undefined {
  const hint = STATUS_HINTS[status]
  return hint === LOCKED && url.username !== '' ? REFUSED : hint
}

/** Creates the error for an unexpected status code. */
export function statusError(url: URL, status: number, retryAfter?: string): ProvisionError {
  const transient = status === 408 || status === 425 || status === 429 || status >= 500
  const waitMs = retryAfterMs(retryAfter)
  const hint = hintForStatus(url, status)
  return httpError(url, `answers ${status}.`, {
    status,
    transient,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    ...(hint === undefined ? {} : { hint }),
  })
}

/** Parses a `Retry-After` in seconds. Dates are ignored, because they need synchronized clocks. */
function retryAfterMs(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined
}
