// Reads path, query and body of a request like Proxmox's server.
import type { IncomingMessage } from 'node:http'
import { ApiError } from '../errors.ts'

export type RawParameters = Readonly<Record<string, unknown>>

const maximumBodyBytes = 512 * 1024

export interface RequestTarget {
  /** The part after `/api2/json`, percent-decoded. */
  readonly path: string
  readonly extjs: boolean
  readonly query: RawParameters
}

/** Undefined for a path that is not below `/api2/`. */
export function readTarget(url: string): RequestTarget | undefined {
  const mark = url.indexOf('?')
  const raw = mark < 0 ? url : url.slice(0, mark)
  const match = /^\/api2\/(json|extjs)(\/.*)?$/.exec(raw)
  if (match === null) return undefined
  const path = decodePath(match[2] ?? '/').replace(/\/+$/, '')
  return {
    path: path === '' ? '/' : path,
    extjs: match[1] === 'extjs',
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
    if (!(key in found)) found[key] = value
    else found[key] = Array.isArray(before) ? [...before, value] : [before, value]
  }
  return found
}

function decodeComponent(text: string): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  // Percent-encoded bytes are UTF-8. If they are not valid UTF-8, they are unchanged.
  const utf8 = Buffer.from(bytes, 'latin1').toString('utf8')
  return utf8.includes('\ufffd') ? bytes : utf8
}

/** Throws Proxmox's answer to a body that it does not accept. */
export function checkBody(request: IncomingMessage): number {
  const chunked = request.headers['transfer-encoding']
  if (chunked !== undefined) throw new ApiError(501, 'chunked transfer encoding not supported', { bodyless: true })
  const length = Number(request.headers['content-length'] ?? 0)
  const method = request.method ?? 'GET'
  if (length > 0 && method !== 'POST' && method !== 'PUT') {
    throw new ApiError(501, `Unexpected content for method '${method}'`, { bodyless: true })
  }
  return length
}

export async function readBody(request: IncomingMessage, length: number): Promise<RawParameters> {
  if (length === 0) return {}
  const type = String(request.headers['content-type'] ?? '')
  if (length > maximumBodyBytes) throw new ApiError(501, 'for data too large', { bodyless: true })
  const isJson = type.startsWith('application/json')
  if (type !== '' && !isJson && !type.startsWith('application/x-www-form-urlencoded')) {
    throw new ApiError(506, `upload 'Content-Type '${type}' not implemented`, { bodyless: true })
  }
  const text = (await readAll(request)).toString('utf8')
  if (!isJson) return decodeForm(text)
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? (parsed as RawParameters) : {}
  } catch (error) {
    throw new ApiError(500, `malformed JSON string: ${String(error)}`)
  }
}

export async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks)
}
