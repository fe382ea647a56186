// A vendor's mirror on loopback: files with ETag and ranges, and each connection limited to the speed of an ordinary
// mirror.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'

export interface Mirror {
  readonly url: string
  /** Bytes of bodies sent since the start. */
  readonly sentBytes: () => number
  close(): Promise<void>
}

/** Serves the files of a folder with at most `bytesPerSecond` for each connection. */
export async function startMirror(folder: string, bytesPerSecond: number): Promise<Mirror> {
  let sentBytes = 0
  const server = createServer((request, response) => {
    serve(folder, request, response, bytesPerSecond, (bytes) => {
      sentBytes += bytes
    }).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    sentBytes: () => sentBytes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function serve(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
  bytesPerSecond: number,
  count: (bytes: number) => void,
) {
  const path = join(folder, basename(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname)))
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) return void response.writeHead(404).end('not found\n')
  const etag = `"${found.size.toString(16)}-${Math.round(found.mtimeMs).toString(16)}"`
  const headers = {
    etag,
    'last-modified': found.mtime.toUTCString(),
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
  }
  if (request.headers['if-none-match'] === etag) return void response.writeHead(304, headers).end()
  const range = rangeOf(request, found.size, etag)
  const { start, end } = range ?? { start: 0, end: found.size - 1 }
  const partial = range ? { 'content-range': `bytes ${start}-${end}/${found.size}` } : {}
  response.writeHead(range ? 206 : 200, { ...headers, ...partial, 'content-length': end - start + 1 })
  if (request.method === 'HEAD') return void response.end()
  await pipeline(createReadStream(path, { start, end }), throttle(bytesPerSecond, count), response)
}

function rangeOf({ headers }: IncomingMessage, size: number, etag: string): { start: number; end: number } | undefined {
  if (headers['if-range'] !== undefined && headers['if-range'] !== etag) return undefined
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
  if (first === undefined) return undefined
  return { start: Number(first), end: Math.min(last ? Number(last) : size - 1, size - 1) }
}

/** Limits bytes to the speed of a mirror. Small answers are sent at once. */
function throttle(bytesPerSecond: number, count: (bytes: number) => void): Transform {
  const beganMs = performance.now()
  let passed = 0
  return new Transform({
    async transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length
      count(chunk.length)
      const aheadMs = (passed / bytesPerSecond) * 1000 - (performance.now() - beganMs)
      if (aheadMs > 5) await delay(aheadMs)
      done(null, chunk)
    },
  })
}
