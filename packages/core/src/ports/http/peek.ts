// Reads the first bytes and the size of a large file with one small request.

import { ownSignal } from '../network/own-signal.ts'
import type { Peek, PeekOptions } from '../world.ts'
import { sourceOf } from './download/source.ts'
import { httpError, statusError } from './failure.ts'
import { follow } from './follow.ts'
import { retryRequest } from './retry-request.ts'
import type { HttpContext } from './settings.ts'
import { createMemorySink } from './wire/memory-sink.ts'
import { contentRange } from './wire/response-head.ts'

const HEAD_BYTES = 4096

/** Reads the first bytes of a file. @throws ProvisionError `HTTP`; `CANCELLED` */
export function peek(
  context: HttpContext,
  url: URL,
  { bytes = HEAD_BYTES, mayDowngrade = true, signal: callers }: PeekOptions = {},
): Promise<Peek> {
  const signal = ownSignal(callers)
  return retryRequest(context, { signal }, async (attempt) => {
    const answer = await follow(context, {
      url,
      headers: { Range: `bytes=0-${bytes - 1}` },
      mayDowngrade,
      signal,
      attempt,
    })
    const { connection, head, url: finalUrl } = answer
    try {
      // Only an empty file has no first byte.
      if (head.status === 416) return { head: Buffer.alloc(0), url: finalUrl, sizeBytes: 0 }
      if (head.status !== 200 && head.status !== 206)
        throw statusError(finalUrl, head.status, head.headers.get('retry-after'))
      if (head.status === 206 && contentRange(head)?.first !== 0)
        throw httpError(finalUrl, 'answers with a different range.')
      // A server without range support sends the whole file. Close the connection once enough bytes have arrived.
      const sink = createMemorySink(bytes)
      await connection.read(sink)
      const { sizeBytes, etag, lastModified } = sourceOf(answer)
      context.meter.add('bytesDownloaded', sink.bytes().length)
      return {
        head: sink.bytes(),
        url: finalUrl,
        ...(sizeBytes === undefined ? {} : { sizeBytes }),
        ...(etag === undefined ? {} : { etag }),
        ...(lastModified === undefined ? {} : { lastModified }),
      }
    } finally {
      connection.close()
    }
  })
}
