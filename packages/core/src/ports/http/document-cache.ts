// Caches documents with their validators, one file for each: a line of JSON, then the bytes.
import { createHash, randomBytes } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../files/make-folder.ts'

export interface CachedDocument {
  readonly bytes: Uint8Array
  /** The final address, after redirects. */
  readonly url: URL
  readonly etag?: string
  readonly lastModified?: string
}

const HEADER_LIMIT_BYTES = 16 * 1024

/** Returns the cached document for this address, or undefined if there is none or the file is incomplete. */
export async function readCachedDocument(
  directory: string,
  asked: URL,
  limitBytes: number,
): Promise<CachedDocument | undefined> {
  try {
    const path = pathOf(directory, asked)
    if ((await stat(path)).size > limitBytes + HEADER_LIMIT_BYTES) return undefined
    return parse(await readFile(path), asked)
  } catch {
    return undefined
  }
}

/**
 * Caches a document that has a validator. A failed write is not an error: the next run downloads the document again.
 */
export async function writeCachedDocument(directory: string, asked: URL, document: CachedDocument): Promise<void> {
  const { bytes, url, etag, lastModified } = document
  if (etag === undefined && lastModified === undefined) return
  const path = pathOf(directory, asked)
  const header = { asked: nameOf(asked), url: withoutQuery(url), etag, lastModified, sha256: sha256(bytes) }
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await makeFolder(directory)
    await writeFile(aside, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), bytes]), {
      flag: 'wx',
      mode: 0o600,
    })
    await rename(aside, path)
  } catch {
    await rm(aside, { force: true }).catch(() => undefined)
  }
}

function parse(content: Buffer, asked: URL): CachedDocument | undefined {
  const end = content.indexOf(10)
  const header: unknown = JSON.parse(content.toString('utf8', 0, Math.min(end, HEADER_LIMIT_BYTES)))
  const bytes = content.subarray(end + 1)
  const fields = new Map<string, unknown>(Object.entries(header ?? {}))
  const text = (name: string): string | undefined => {
    const value = fields.get(name)
    // Control characters in a cached value could inject headers into requests.
    return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) ? value : undefined
  }
  const url = URL.parse(text('url') ?? '')
  if (text('asked') !== nameOf(asked) || text('sha256') !== sha256(bytes) || url === null) return undefined
  const etag = text('etag')
  const lastModified = text('lastModified')
  return {
    bytes,
    url,
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  }
}

function pathOf(directory: string, asked: URL): string {
  return join(directory, `${nameOf(asked)}.document`)
}

/**
 * The file name is a hash, because an address may contain credentials or a signed query, which must not reach the disk.
 */
function nameOf(asked: URL): string {
  return sha256(Buffer.from(asked.href)).slice(0, 40)
}

function withoutQuery(url: URL): string {
  return `${url.origin}${url.pathname}`
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
