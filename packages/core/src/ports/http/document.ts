// Fetches a small document. If it has not changed, one small conditional request is enough.
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { cleanText } from '../../foreign-text.ts'
import { ownSignal } from '../network/own-signal.ts'
import type { DocumentOptions, HttpDocument } from '../world.ts'
import { type CachedDocument, readCachedDocument, writeCachedDocument } from './document-cache.ts'
import { httpError, statusError } from './failure.ts'
import { type Answer, follow } from './follow.ts'
import { retryRequest } from './retry-request.ts'
import type { HttpContext } from './settings.ts'
import { createMemorySink } from './wire/memory-sink.ts'

const LIMIT_BYTES = 4 * 1024 * 1024

/** Fetches a document. @throws ProvisionError `HTTP`; `CANCELLED` */
export async function getDocument(
  context: HttpContext,
  url: URL,
  options: DocumentOptions = {},
): Promise<HttpDocument> {
  const { limitBytes = LIMIT_BYTES } = options
  const signal = ownSignal(options.signal)
  const cached = await readCachedDocument(context.directory, url, limitBytes)
  return retryRequest(context, { signal }, async (attempt) => {
    const answer = await follow(context, { url, headers: conditions(cached), mayDowngrade: false, signal, attempt })
    try {
      return await take(context, { asked: url, answer, cached, limitBytes })
    } finally {
      answer.connection.close()
    }
  })
}

interface Taking {
  readonly asked: URL
  readonly answer: Answer
  readonly cached: CachedDocument | undefined
  readonly limitBytes: number
}

async function take(context: HttpContext, { asked, answer, cached, limitBytes }: Taking): Promise<HttpDocument> {
  const { connection, head, url } = answer
  if (head.status === 304 && cached !== undefined) {
    context.meter.add('cacheHits', 1)
    context.meter.add('bytesSaved', cached.bytes.length)
    return { bytes: cached.bytes, url: cached.url, from: 'cache' }
  }
  if (head.status !== 200) throw statusError(url, head.status, head.headers.get('retry-after'))
  const tooLarge = (): Error =>
    httpError(url, `is larger than ${limitBytes} bytes, the limit for such a document.`, {
      hint: 'Check that the address is that of the document, not of an image.',
    })
  if (head.framing.kind === 'length' && head.framing.bytes > limitBytes) throw tooLarge()
  const sink = createMemorySink(limitBytes, tooLarge)
  await connection.read(sink)
  context.meter.add('bytesDownloaded', sink.bytes().length)
  const encoding = head.headers.get('content-encoding')?.trim().toLowerCase() ?? ''
  const bytes = unpack(url, sink.bytes(), { encoding, limitBytes, tooLarge })
  await writeCachedDocument(context.directory, asked, { bytes, url, ...validators(answer) })
  return { bytes, url, from: 'network' }
}

interface Unpacking {
  readonly encoding: string
  readonly limitBytes: number
  readonly tooLarge: () => Error
}

type Unpack = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array

const ENCODINGS: Readonly<Record<string, Unpack>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  // Servers send both forms under this name: with the header of zlib, and without.
  deflate: (bytes, options) => ((bytes[0] ?? 0) % 16 === 8 ? inflateSync : inflateRawSync)(bytes, options),
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
}

/** Decompresses an answer. Some servers compress although the request does not allow it. */
function unpack(url: URL, bytes: Uint8Array, { encoding, limitBytes, tooLarge }: Unpacking): Uint8Array {
  if (encoding === '' || encoding === 'identity') return bytes
  const decode = ENCODINGS[encoding]
  if (decode === undefined)
    throw httpError(
      url,
      `is encoded (Content-Encoding: ${cleanText(encoding, { most: 40 })}) although the request excluded that.`,
      {
        hint: 'Set a mirror, or have that turned off for this file.',
      },
    )
  try {
    return decode(bytes, { maxOutputLength: limitBytes })
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge()
    throw httpError(url, `sent data that is not ${encoding}, although it says so.`, { cause, transient: true })
  }
}

function validators({ head }: Answer): { etag?: string; lastModified?: string } {
  const etag = head.headers.get('etag')
  const lastModified = head.headers.get('last-modified')
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) }
}

function conditions(cached: CachedDocument | undefined): Readonly<Record<string, string>> {
  return {
    // Caching proxies must ask the server too: a list of checksums that is a day old is as bad as a wrong one.
    'Cache-Control': 'no-cache',
    ...(cached?.etag === undefined ? {} : { 'If-None-Match': cached.etag }),
    ...(cached?.lastModified === undefined ? {} : { 'If-Modified-Since': cached.lastModified }),
  }
}
