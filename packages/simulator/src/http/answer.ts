// Writes answers: the sentence in the status line, the JSON body, and Proxmox's two Connection headers.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { deflateSync, gzipSync } from 'node:zlib'
import type { ApiError } from '../errors.ts'

type Attributes = Readonly<Record<string, unknown>>

const attributes = new WeakMap<object, Attributes>()

interface Attributed {
  readonly data: unknown
}

/** A page of a list with the length of the whole list, which becomes `total` next to `data`. */
export const withTotal = (page: unknown, total: number): Attributed => withAttributes(page, total > 0 ? { total } : {})

/** An answer with more fields next to `data`. */
export function withAttributes(data: unknown, more: Attributes): Attributed {
  const attributed: Attributed = { data }
  attributes.set(attributed, more)
  return attributed
}

export interface AnswerStyle {
  /** `/api2/extjs`: the status is always 200, and the real one is inside. */
  readonly extjs: boolean
  /** Answered by the daemon behind the proxy. Its Connection header is sent in addition to the proxy's own. */
  readonly relayed: boolean
  readonly close: boolean
}

function bodyOf(result: unknown): Record<string, unknown> {
  if (typeof result === 'object' && result !== null) {
    const more = attributes.get(result)
    if (more !== undefined) return { data: (result as Attributed).data, ...more }
  }
  return { data: result ?? null }
}

export function sendResult(
  request: IncomingMessage,
  response: ServerResponse,
  answer: { result: unknown; style: AnswerStyle },
): void {
  const body = bodyOf(answer.result)
  const text = JSON.stringify(answer.style.extjs ? { ...body, success: 1 } : body)
  send(request, response, { status: 200, reason: 'OK', text, style: answer.style })
}

export function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  answer: { error: ApiError; style: AnswerStyle },
): void {
  const { error, style } = answer
  const { bodyless = false, plain = false } = error.details
  const text = errorText(error, style)
  const answered: RawAnswer =
    style.extjs && !bodyless
      ? { status: 200, reason: 'OK', text, style }
      : { status: error.status, reason: error.message, text, plain, style: { ...style, close: true } }
  send(request, response, answered)
}

function errorText({ message, status, details }: ApiError, style: AnswerStyle): string {
  const { errors, bodyless = false, newline = true, plain = false } = details
  if (bodyless) return ''
  if (plain) return newline ? `${message}\n` : message
  return JSON.stringify({
    data: null,
    message: newline ? `${message}\n` : message,
    ...(errors !== undefined && { errors }),
    // Perl has made a text of the status of wrong parameters.
    ...(style.extjs && { success: 0, status: errors === undefined ? status : String(status) }),
  })
}

interface RawAnswer {
  readonly status: number
  readonly reason: string
  readonly text: string
  /** A text without JSON and without a content type. */
  readonly plain?: boolean
  readonly style: AnswerStyle
}

function send(request: IncomingMessage, response: ServerResponse, answer: RawAnswer): void {
  const { status, reason, text, plain = false, style } = answer
  if (response.destroyed || response.headersSent) return
  if (firstLine(reason).includes('\r')) {
    // A sentence with a carriage return cannot be sent. Proxmox then only answers that the request was bad.
    send(request, response, { status: 400, reason: 'Bad Request', text: '', style: { ...style, close: true } })
    return
  }
  const bytes = Buffer.from(text, 'utf8')
  const encoding = bytes.length > 1024 ? acceptedEncoding(request) : undefined
  const body = encoding === undefined ? bytes : encoding === 'gzip' ? gzipSync(bytes) : deflateSync(bytes)
  const connection = style.close ? ['close'] : style.relayed ? ['close', 'Keep-Alive'] : ['Keep-Alive']
  const headers: (string | string[])[] = [
    ...connection.flatMap((value) => ['Connection', value]),
    'Server',
    'pve-api-daemon/3.0',
    'Date',
    new Date().toUTCString(),
    ...(text === '' && status >= 400 ? [] : ['Content-Length', String(body.length)]),
    ...(text === '' || plain ? [] : ['Content-Type', 'application/json;charset=UTF-8']),
    ...(encoding === undefined ? [] : ['Content-Encoding', encoding]),
    'Pragma',
    'no-cache',
    'Cache-Control',
    'max-age=0',
    'Expires',
    new Date().toUTCString(),
  ]
  response.sendDate = false
  if (text === '' && status >= 400) response.removeHeader('Transfer-Encoding')
  response.writeHead(status, statusLine(reason), headers as string[])
  // Proxmox sends both `close` and `Keep-Alive` and keeps the socket open. Node would obey the first header.
  if (!style.close) Object.assign(response, { _last: false })
  response.end(body)
}

function acceptedEncoding(request: IncomingMessage): 'gzip' | 'deflate' | undefined {
  const accepted = String(request.headers['accept-encoding'] ?? '')
  return accepted.includes('gzip') ? 'gzip' : accepted.includes('deflate') ? 'deflate' : undefined
}

const firstLine = (text: string): string => text.split('\n')[0] ?? ''

/** A status line contains the first line of a sentence, in Latin-1. */
function statusLine(reason: string): string {
  return firstLine(reason)
    .trim()
    .replace(/[^\t\u0020-\u007e\u0080-\u00ff]/g, '?')
}
