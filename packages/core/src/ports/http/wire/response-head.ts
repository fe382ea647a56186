// Parses the head of an HTTP/1 response strictly, and how the end of the body is marked.
import { httpError } from '../failure.ts'

export interface ResponseHead {
  readonly status: number
  /** Names in lower case. The values of a repeated name are joined with commas. */
  readonly headers: ReadonlyMap<string, string>
  readonly framing: Framing
  /** True if the server accepts another request on this connection. */
  readonly keepsAlive: boolean
}

/** How the end of the body is marked. */
export type Framing =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' }

const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/

/**
 * Parses a response head.
 * @param text everything before the empty line
 * @throws ProvisionError `HTTP` for anything that is not an HTTP/1 head
 */
export function parseHead(text: string, url: URL): ResponseHead {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const status = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(statusLine)
  if (status === null) throw httpError(url, 'does not speak HTTP.')
  const headers = parseHeaders(lines, url)
  const code = Number(status[2])
  const framing = framingOf(code, headers, url)
  const connection = headers.get('connection')?.toLowerCase() ?? ''
  const keepsAlive = status[1] === '1' && !connection.includes('close') && framing.kind !== 'close'
  return { status: code, headers, framing, keepsAlive }
}

function parseHeaders(lines: readonly string[], url: URL): Map<string, string> {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value = ''] = HEADER_LINE.exec(line) ?? []
    if (name === undefined) throw httpError(url, 'sent a malformed header.')
    const key = name.toLowerCase()
    const before = headers.get(key)
    headers.set(key, before === undefined ? value : `${before}, ${value}`)
  }
  return headers
}

function framingOf(status: number, headers: ReadonlyMap<string, string>, url: URL): Framing {
  if (status < 200 || status === 204 || status === 304) return { kind: 'length', bytes: 0 }
  const encoding = headers.get('transfer-encoding')
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== 'chunked') throw httpError(url, 'uses an unknown transfer encoding.')
    return { kind: 'chunked' }
  }
  const length = headers.get('content-length')
  if (length === undefined) return { kind: 'close' }
  // Repeated lengths are allowed if they are equal. Different lengths are a sign of response smuggling.
  const [first = '', ...others] = length.split(/\s*,\s*/)
  if (!/^\d{1,15}$/.test(first) || others.some((other) => other !== first)) {
    throw httpError(url, 'sent an invalid Content-Length.')
  }
  return { kind: 'length', bytes: Number(first) }
}

/** Parses `Content-Range: bytes 0-99/1000`. Returns undefined if it is absent, malformed or without a total. */
export function contentRange(head: ResponseHead): { first: number; last: number; total: number } | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(head.headers.get('content-range') ?? '')
  if (match === null) return undefined
  const [first, last, total] = match.slice(1).map(Number)
  if (first === undefined || last === undefined || total === undefined || last < first || last >= total)
    return undefined
  return { first, last, total }
}
