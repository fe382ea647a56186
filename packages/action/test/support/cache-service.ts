// A cache service for workflows on loopback, as a separate program. It has GitHub's protocol (Twirp, then blobs by
// HTTP), immutable entries, prefix matches with the newest entry first, and injectable faults.
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export type Fault = 'none' | 'error-500' | 'slow' | 'full' | 'garbage' | 'denied' | 'truncated'

export interface StoredEntry {
  readonly key: string
  readonly version: string
  readonly bytes: number
  readonly path: string
}

interface Entry {
  readonly id: string
  readonly key: string
  readonly version: string
  readonly path: string
  finalized: boolean
}

const entries: Entry[] = []
const blocks = new Map<string, Buffer>()
const calls: string[] = []
let fault: Fault = 'none'
/** An entry that is returned for every request. */
let planted: string | undefined

const directory = process.argv[2] ?? '.'
mkdirSync(directory, { recursive: true })

const server = createServer((request, response) => {
  serve(request, response).catch((error: Error) => answer(response, 500, { code: 'internal', msg: error.message }))
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}/` })}\n`)
})

// The process that started this one is gone.
process.stdin.resume().on('end', () => process.exit(0))

async function serve(request: IncomingMessage, response: ServerResponse): Promise<ServerResponse | undefined> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
  const body = await bodyOf(request)
  if (url.pathname === '/control') return control(JSON.parse(body.toString() || '{}'), response)
  calls.push(`${request.method} ${url.pathname.split('/').at(-1)}`)
  if (fault === 'slow') return undefined
  if (fault === 'error-500') return answer(response, 500, { code: 'internal', msg: 'out of order' })
  if (fault === 'garbage')
    return response.writeHead(200, { 'content-type': 'application/json' }).end('<html>busy</html>')
  const method = /\/twirp\/github\.actions\.results\.api\.v1\.CacheService\/(\w+)$/.exec(url.pathname)?.[1]
  if (method !== undefined) {
    if (request.headers.authorization !== 'Bearer runtime-token')
      return answer(response, 401, { code: 'unauthenticated', msg: 'no' })
    return twirp(method, JSON.parse(body.toString()), { response, origin: url.origin })
  }
  if (url.pathname.startsWith('/_apis/artifactcache/')) return older(request, url, { body, response })
  return blob(request, url, { body, response })
}

/** The older protocol, of GitHub Enterprise Server and runners of other forges. */
function older(
  request: IncomingMessage,
  url: URL,
  { body, response }: { readonly body: Buffer; readonly response: ServerResponse },
): ServerResponse {
  const entry = entries.find(({ id }) => id === url.pathname.split('/').at(-1))
  if (request.method === 'GET') {
    const keys = (url.searchParams.get('keys') ?? '').split(',')
    const found = find(keys, url.searchParams.get('version') ?? '')
    if (found === undefined) return response.writeHead(204).end()
    return answer(response, 200, {
      cacheKey: found.key,
      archiveLocation: `${url.origin}/account/container/${found.id}`,
    })
  }
  if (request.method === 'PATCH' && entry !== undefined) {
    const [, from = '0'] = /^bytes (\d+)-/.exec(request.headers['content-range'] ?? '') ?? []
    const written = existsSync(entry.path) ? readFileSync(entry.path) : Buffer.alloc(0)
    writeFileSync(entry.path, Buffer.concat([written.subarray(0, Number(from)), body]))
    return response.writeHead(204).end()
  }
  if (entry !== undefined) {
    entry.finalized = true
    return response.writeHead(204).end()
  }
  const { key, version } = JSON.parse(body.toString()) as { key: string; version: string }
  if (entries.some((known) => known.key === key && known.version === version)) return answer(response, 409, {})
  // In this protocol, ids are numbers.
  const id = String(entries.length + 1)
  entries.push({ id, key, version, path: join(directory, id), finalized: false })
  return answer(response, 201, { cacheId: Number(id) })
}

interface Call {
  readonly response: ServerResponse
  readonly origin: string
}

function twirp(method: string, parameters: Record<string, unknown>, { response, origin }: Call): ServerResponse {
  const { key, version } = { key: String(parameters.key), version: String(parameters.version) }
  if (method === 'CreateCacheEntry') {
    if (fault === 'denied')
      return answer(response, 200, { ok: false, message: 'cache write denied: this token may only read' })
    if (fault === 'full') return answer(response, 429, { code: 'resource_exhausted', msg: 'the cache is full' })
    if (entries.some((entry) => entry.key === key && entry.version === version)) {
      return answer(response, 409, { code: 'already_exists', msg: 'it exists' })
    }
    const id = randomUUID()
    entries.push({ id, key, version, path: join(directory, id), finalized: false })
    return answer(response, 200, {
      ok: true,
      signed_upload_url: `${origin}/account/container/${id}?sig=signature-${id}`,
    })
  }
  if (method === 'FinalizeCacheEntryUpload') {
    const entry = entries.findLast((known) => known.key === key && known.version === version)
    if (entry) entry.finalized = statSync(entry.path).size === Number(parameters.size_bytes)
    return answer(response, 200, { ok: entry?.finalized === true, entry_id: '1' })
  }
  if (method === 'GetCacheEntryDownloadURL') {
    const found = find([key, ...((parameters.restore_keys as string[] | undefined) ?? [])], version)
    if (found === undefined) return answer(response, 200, { ok: false })
    return answer(response, 200, {
      ok: true,
      matched_key: found.key,
      signed_download_url: `${origin}/account/container/${found.id}?sig=signature-${found.id}`,
    })
  }
  return answer(response, 404, { code: 'bad_route', msg: method })
}

function find(keys: readonly string[], version: string): Pick<Entry, 'id' | 'key'> | undefined {
  if (planted !== undefined) return { id: 'planted', key: `${keys[0]}planted` }
  const whole = entries.filter((entry) => entry.finalized && entry.version === version)
  return (
    whole.find(({ key }) => key === keys[0]) ??
    keys.map((start) => whole.findLast(({ key }) => key.startsWith(start))).find((entry) => entry !== undefined)
  )
}

function blob(
  request: IncomingMessage,
  url: URL,
  { body, response }: { readonly body: Buffer; readonly response: ServerResponse },
): ServerResponse {
  const id = url.pathname.split('/').at(-1) ?? ''
  const headers = { etag: '"1"', 'last-modified': new Date().toUTCString(), 'x-ms-request-id': '1' }
  if (request.method === 'PUT') {
    const entry = entries.find((known) => known.id === id)
    if (entry === undefined) return answer(response, 404, {})
    const [part, blockId] = [url.searchParams.get('comp'), url.searchParams.get('blockid')]
    if (part === 'block') blocks.set(`${id} ${blockId}`, body)
    else if (part === 'blocklist') writeFileSync(entry.path, joined(id, body.toString()))
    else writeFileSync(entry.path, body)
    return response.writeHead(201, headers).end()
  }
  const path = id === 'planted' ? planted : entries.find((known) => known.id === id)?.path
  if (path === undefined) return answer(response, 404, {})
  const content = readFileSync(path)
  if (fault === 'truncated') {
    response
      .writeHead(200, { ...headers, 'content-length': content.length })
      .write(content.subarray(0, content.length / 2), () => response.destroy())
    return response
  }
  return response
    .writeHead(200, { ...headers, 'content-length': content.length })
    .end(request.method === 'HEAD' ? undefined : content)
}

function joined(id: string, list: string): Buffer {
  const ids = Array.from(list.matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]+)</g), ([, blockId]) => blockId)
  return Buffer.concat(ids.map((blockId) => blocks.get(`${id} ${blockId}`) ?? Buffer.alloc(0)))
}

function control(
  order: { readonly fault?: Fault; readonly plant?: string | null },
  response: ServerResponse,
): ServerResponse {
  if (order.fault !== undefined) fault = order.fault
  if (order.plant !== undefined) planted = order.plant ?? undefined
  const stored = entries
    .filter(({ finalized }) => finalized)
    .map(({ key, version, path }): StoredEntry => ({ key, version, path, bytes: statSync(path).size }))
  return answer(response, 200, {
    entries: stored,
    calls: calls.splice(0),
  })
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function answer(response: ServerResponse, status: number, value: unknown): ServerResponse {
  return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
