// Downloads a large file in chunks, without the disk. They end without an error only if the digest is right.
import { createHash } from 'node:crypto'
import { ownSignal } from '../../network/own-signal.ts'
import type { StreamRequest } from '../../world.ts'
import { httpError, isTransient } from '../failure.ts'
import { type Answer, follow } from '../follow.ts'
import { retryRequest } from '../retry-request.ts'
import type { HttpContext } from '../settings.ts'
import { createChunkSink } from '../wire/chunk-sink.ts'
import { contentRange } from '../wire/response-head.ts'
import { checkOffer, refused } from './accept.ts'
import type { Shared } from './request.ts'
import { agree, canResume, rangeHeaders, type Source, sourceOf } from './source.ts'
import { wrongDigest } from './wrong-digest.ts'

/**
 * Yields the chunks, each when the next one arrives. So the last chunk is delivered only once the digest is verified.
 * Fails with the errors of `download`.
 */
export async function* stream(shared: Shared, request: StreamRequest): AsyncGenerator<Uint8Array> {
  const { digest, expectedBytes, onBytes } = request
  const algorithm = digest.startsWith('sha512:') ? 'sha512' : 'sha256'
  const hash = createHash(algorithm)
  let bytes = 0
  let held: Uint8Array | undefined
  const position: Position = { bytes: 0, source: undefined, url: undefined, packed: undefined }
  for await (const chunk of fromAny(shared, request, position)) {
    hash.update(chunk)
    bytes += chunk.length
    shared.context.meter.add('bytesDownloaded', chunk.length)
    onBytes?.(bytes, expectedBytes)
    if (held !== undefined) yield held
    held = chunk
  }
  const found = `${algorithm}:${hash.digest('hex')}` as const
  const { url = request.urls[0], packed } = position
  if (found !== digest && url !== undefined) throw wrongDigest(url, { found, promised: digest, bytes, packed })
  if (held !== undefined) yield held
}

interface Position {
  bytes: number
  source: Source | undefined
  /** The address that answered last. */
  url: URL | undefined
  /** The `Content-Encoding` of its answer, if it had one. */
  packed: string | undefined
}

/**
 * Streams from the first address that answers. After an interruption, it continues at any address with the same file.
 */
async function* fromAny(shared: Shared, request: StreamRequest, position: Position): AsyncGenerator<Uint8Array> {
  const { context } = shared
  const { urls } = request
  const signal = ownSignal(request.signal)
  const failures: unknown[] = []
  for (const url of urls) {
    const release = await shared.slots.take(url.host, signal)
    try {
      for (let breaks = 0; ; breaks += 1) {
        const answer = await retryRequest(context, { signal }, (attempt) =>
          ask(context, { ...request, url, signal, attempt }, position),
        )
        try {
          yield* body(answer, position)
          return
        } catch (error) {
          if (!isTransient(error) || breaks >= context.timing.retries) throw error
          context.meter.add('retries', 1)
        }
      }
    } catch (error) {
      signal.throwIfAborted()
      failures.push(error)
      if (position.bytes > 0 && !canResume(position.source)) break
    } finally {
      release()
    }
  }
  throw failures[0]
}

interface Asking extends StreamRequest {
  readonly url: URL
  readonly signal: AbortSignal
  readonly attempt: number
}

async function ask(context: HttpContext, request: Asking, position: Position): Promise<Answer> {
  const { url, signal, attempt } = request
  const headers =
    position.source === undefined || position.bytes === 0
      ? {}
      : rangeHeaders(position.source, url, { from: position.bytes })
  const answer = await follow(context, { url, headers, mayDowngrade: true, signal, attempt })
  try {
    const { head } = answer
    if (head.status !== 200 && head.status !== 206) throw refused(answer)
    const source = sourceOf(answer)
    checkOffer(request, answer, source.sizeBytes)
    const from = head.status === 206 ? contentRange(head)?.first : 0
    const fits =
      from === position.bytes &&
      (position.bytes === 0 || (position.source !== undefined && agree(position.source, source)))
    // Delivered bytes cannot be taken back, so the rest of a different file is useless.
    if (!fits) throw httpError(answer.url, 'broke the connection, and no longer has the same file.')
    position.source ??= source
    position.url = url
    position.packed = head.headers.get('content-encoding')
    return answer
  } catch (error) {
    answer.connection.close()
    throw error
  }
}

async function* body({ connection }: Answer, position: Position): AsyncGenerator<Uint8Array> {
  const sink = createChunkSink()
  const reading = connection.read(sink).then(
    () => sink.end(),
    (error: unknown) => sink.fail(error),
  )
  try {
    for (let chunk = await sink.next(); chunk !== undefined; chunk = await sink.next()) {
      position.bytes += chunk.length
      yield chunk
    }
  } finally {
    connection.close()
    await reading
  }
}
