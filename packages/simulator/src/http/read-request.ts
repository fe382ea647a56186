// Reads path, query and body of a request like Proxmox's server.
import type { IncomingMessage } from 'node:http'
import { ApiError } from '../errors.ts'
import type { ProxmoxVersion } from '../schema/index.ts'
import { readJson } from './read-json.ts'

export type RawParameters = Readonly<Record<string, unknown>>

const maximumBodyBytes = 512 * 1024

export interface RequestTarget {
  /** The part after the format, percent-decoded. */
  readonly path: string
  /** `json`, `extjs`, or one that does not exist. */
  readonly format: string
  readonly query: RawParameters
}

/** Undefined for a path that is not below `/api2/`. */
export function readTarget(url: string): RequestTarget | undefined {
  const mark = url.indexOf('?')
  const raw = mark < 0 ? url : url.slice(0, mark)
  const match = /^\/api2\/(\w+)(\/.*)?$/.exec(raw)
  if (match === null) return undefined
  const path = decodePath(match[2] ?? '/').replace(/\/+$/, '')
  return {
    path: path === '' ? '/' : path,
    format: match[1] ?? '',
    query: mark < 0 ? {} : decodeForm(url.slice(mark + 1)),
  }
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Pairs are separated by `&` or `;`. Of `a=b=c` only `b` is used. A repeated key becomes a list. */
export function decodeForm(text: string): RawParameters {
  const found: Record<string, unknown> = {}
  for (const pair of text.split(/[&;]/)) {
    if (pair === '') continue
    const [rawKey = '', rawValue] = pair.split('=')
    const key = decodeComponent(rawKey)
    const value = rawValue === undefined ? undefined : decodeComponent(rawValue)
    const before = found[key]
    if (before === undefined || value === undefined) found[key] = value
    else found[key] = Array.isArray(before) ? [...before, value] : [before, value]
  }
  return found
}

/** Bytes are UTF-8. Each that is not becomes a replacement character. */
function decodeComponent(text: string): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** The connection layer's own refusal: its sentence is also the body. */
export const unread = (status: number, sentence: string): ApiError =>
  new ApiError(status, sentence, { plain: true, newline: false })

/** Throws Proxmox's answer to a body that it does not accept. */
export function checkBody(request: IncomingMessage): number {
  const chunked = request.headers['transfer-encoding']
  if (chunked !== undefined) throw unread(501, 'chunked transfer encoding not supported')
  const length = Number(request.headers['content-length'] ?? 0)
  const method = request.method ?? 'GET'
  if (length > 0 && method !== 'POST' && method !== 'PUT') {
    throw unread(501, `Unexpected content for method '${method}'`)
  }
  return length
}

export async function readBody(
  request: IncomingMessage,
  { length, version }: { length: number; version: ProxmoxVersion },
): Promise<RawParameters> {
  if (request.method !== 'POST' && request.method !== 'PUT') return {}
  const type = String(request.headers['content-type'] ?? '')
  if (length === 0 && !type.startsWith('application/json')) return {}
  if (length > maximumBodyBytes) throw unread(501, 'for data too large')
  const isJson = type.startsWith('application/json')
  if (type !== '' && !isJson && !type.startsWith('application/x-www-form-urlencoded')) {
    throw unread(506, `upload 'Content-Type '${type}' not implemented`)
  }
  const bytes = await readAll(request)
  return isJson ? readJson(bytes.toString('utf8'), version) : decodeForm(bytes.toString('latin1'))
}

export async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks)
}
