// A vendor's server on loopback: complete files with ranges and validators, and injectable faults.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import * as http from 'node:http'
import * as https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

export interface ServedFile {
  readonly bytes: Uint8Array
  readonly etag?: string
  readonly lastModified?: string
  readonly contentType?: string
  /** `no`: always sends the whole file, as if there were no `Range` header. */
  readonly ranges?: 'no'
}

/** Returns true if it answered, or false to let the server answer as usual. */
export type Fault = (request: http.IncomingMessage, response: http.ServerResponse) => boolean | Promise<boolean>

export interface FileServer {
  readonly url: (path: string) => URL
  readonly port: number
  /** Requests so far, as `path` or `path range`. */
  readonly requests: string[]
  readonly headers: http.IncomingHttpHeaders[]
  serve(path: string, file: ServedFile): void
  /** Answers the next `count` requests for this path with `fault`. */
  fault(path: string, fault: Fault, count?: number): void
  close(): Promise<void>
}

export interface FileServerOptions {
  readonly tls?: { readonly key: string; readonly cert: string }
}

export async function startFileServer({ tls }: FileServerOptions = {}): Promise<FileServer> {
  const files = new Map<string, ServedFile>()
  const faults = new Map<string, { readonly fault: Fault; left: number }[]>()
  const requests: string[] = []
  const headers: http.IncomingHttpHeaders[] = []
  const sockets = new Set<Socket>()

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const path = request.url ?? '/'
    requests.push(request.headers.range === undefined ? path : `${path} ${request.headers.range}`)
    headers.push(request.headers)
    const next = faults.get(path)?.find(({ left }) => left > 0)
    if (next !== undefined) {
      next.left -= 1
      if (await next.fault(request, response)) return
    }
    const file = files.get(path)
    if (file === undefined) response.writeHead(404).end('no such file')
    else sendFile(file, request, response)
  }

  const listener: http.RequestListener = (request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  }
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const scheme = tls === undefined ? 'http' : 'https'
  return {
    port,
    requests,
    headers,
    url: (path) => new URL(`${scheme}://127.0.0.1:${port}${path}`),
    serve: (path, file) => void files.set(path, file),
    fault(path, fault, count = 1) {
      faults.set(path, [...(faults.get(path) ?? []), { fault, left: count }])
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Answers like a well-behaved server: 200, 206, 304 and 416, with support for `If-Range`. */
export function sendFile(file: ServedFile, request: http.IncomingMessage, response: http.ServerResponse): void {
  const { bytes, etag, lastModified, contentType = 'application/octet-stream', ranges } = file
  if (etag !== undefined) response.setHeader('ETag', etag)
  if (lastModified !== undefined) response.setHeader('Last-Modified', lastModified)
  if (ranges !== 'no') response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('Content-Type', contentType)
  const isSame =
    etag === undefined
      ? request.headers['if-modified-since'] === lastModified
      : request.headers['if-none-match'] === etag
  if (isSame && (etag ?? lastModified) !== undefined) return void response.writeHead(304).end()
  const ifRange = request.headers['if-range']
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const wantsPart =
    ranges !== 'no' && range !== null && (ifRange === undefined || ifRange === etag || ifRange === lastModified)
  if (!wantsPart) return void response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes)
  const first = Number(range[1])
  const last = Math.min(range[2] === '' ? Number.POSITIVE_INFINITY : Number(range[2]), bytes.length - 1)
  if (first > last) return void response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end()
  const part = bytes.subarray(first, last + 1)
  response
    .writeHead(206, { 'Content-Range': `bytes ${first}-${last}/${bytes.length}`, 'Content-Length': part.length })
    .end(part)
}

/** Sends the head of the whole file and only the first `count` bytes, then breaks the connection. */
export function cutAfter(file: ServedFile, count: number): Fault {
  return (_request, response) => {
    response.writeHead(200, {
      'Content-Length': file.bytes.length,
      ...(file.etag === undefined ? {} : { ETag: file.etag }),
      ...(file.lastModified === undefined ? {} : { 'Last-Modified': file.lastModified }),
    })
    response.write(file.bytes.subarray(0, count))
    // Ends the connection after these bytes. A reset would discard what is still in the buffer.
    response.socket?.destroySoon()
    return true
  }
}

/** Answers with a status, headers and a short text. */
export function answerWith(
  status: number,
  headers: http.OutgoingHttpHeaders = {},
  text: string | Uint8Array = '',
): Fault {
  return (_request, response) => {
    response.writeHead(status, headers).end(text)
    return true
  }
}

/** Returns bytes that look random and are the same each time. */
export function someBytes(count: number, seed = 'seed'): Uint8Array {
  const pieces: Buffer[] = []
  for (let length = 0, round = 0; length < count; round += 1) {
    const piece = createHash('sha512').update(`${seed} ${round}`).digest()
    pieces.push(piece)
    length += piece.length
  }
  return Buffer.concat(pieces).subarray(0, count)
}

export function sha256Of(bytes: Uint8Array): `sha256:${string}` {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
