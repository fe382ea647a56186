// Unpacks an image in one pass and constant memory. It hashes both sides on the way, and zeros become holes.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { bomb, unwrap } from '../../codecs/archive/unwrap.ts'
import { zipMember } from '../../codecs/archive/zip.ts'
import { createSparseFile } from '../../codecs/decompress/sparse-file.ts'
import type { Archive } from '../../codecs/image/finding.ts'
import { ProvisionError } from '../../errors.ts'
import type { Digest } from '../../manifest/manifest.ts'
import { diskError } from '../files/disk-error.ts'

export interface DecompressRequest {
  readonly from: string
  /** Yields the packed bytes if the file is still incomplete. Default: read the file. */
  readonly chunks?: AsyncIterable<Uint8Array> | undefined
  /** The archive type of the file. A zip archive is read from its end, so the complete file must exist. */
  readonly archive?: Archive | undefined
  /** Name of the image inside the archive. Default: its only image. */
  readonly member?: string | undefined
  /** Path of the new file. An existing file is overwritten. */
  readonly to: string
  /** The expected digest of the packed bytes. It is checked during the read, so a damaged store is detected. */
  readonly digest?: Digest | undefined
  /** Limit for the unpacked bytes, which stops decompression bombs. Default: 256 GiB. */
  readonly limitBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Called with the number of packed bytes read so far. */
  readonly onBytes?: ((done: number) => void) | undefined
}

export interface Decompressed {
  readonly sourceBytes: number
  readonly bytes: number
  /** Digest of the unpacked bytes. */
  readonly digest: Digest
  /** Sentences about bytes that were skipped. */
  readonly warnings: readonly string[]
}

const DEFAULT_LIMIT_BYTES = 256 * 1024 ** 3
const READ_BYTES = 1024 * 1024

/**
 * Unpacks the image in `from` into the new file `to`. Compression and archives can be nested in any order.
 * @throws ProvisionError `IMAGE` if the data is truncated, damaged, a bomb, or contains no image or several; `CHECKSUM`
 * if the packed bytes do not match `digest`; `DISK`; `CANCELLED`
 */
export async function decompress(request: DecompressRequest): Promise<Decompressed> {
  const { to, limitBytes = DEFAULT_LIMIT_BYTES } = request
  const source = createSource(request)
  const warnings: string[] = []
  const hash = createHash('sha256')
  const file = await createSparseFile(to)
  let bytes = 0
  try {
    for await (const chunk of unwrapped(request, { source, limitBytes, warnings })) {
      request.signal?.throwIfAborted()
      bytes += chunk.length
      if (bytes > limitBytes) throw bomb(limitBytes)
      hash.update(chunk)
      await file.write(chunk)
    }
    source.check()
    await file.finish()
    return { sourceBytes: source.bytes(), bytes, digest: `sha256:${hash.digest('hex')}`, warnings }
  } catch (error) {
    await rm(to, { force: true })
    throw cancelled(error, request.signal)
  } finally {
    await file.close()
  }
}

interface Unwrapping {
  readonly source: ReturnType<typeof createSource>
  readonly limitBytes: number
  readonly warnings: string[]
}

async function* unwrapped(
  { from, archive, member, digest, signal }: DecompressRequest,
  { source, limitBytes, warnings }: Unwrapping,
): AsyncGenerator<Uint8Array> {
  // The digest covers everything that was published, including what a build tool appended to the packed data.
  const onTrailing = digest && (() => void warnings.push(TRAILING))
  const options = { limitBytes, signal, onTrailing }
  if (archive !== 'zip') return yield* unwrap(source.chunks(), { ...options, member })
  for await (const _ of source.chunks());
  source.check()
  yield* unwrap(zipMember(from, member), options, 1)
}

const TRAILING =
  'There is extra data after the end of the compressed image; its digest is correct, so the data is ignored.'

/** Yields the packed bytes, and counts and hashes them during the read. */
function createSource({ from, chunks = readFile(from), digest, signal, onBytes }: DecompressRequest) {
  const algorithm = digest?.startsWith('sha512:') ? 'sha512' : 'sha256'
  const hash = digest === undefined ? undefined : createHash(algorithm)
  let done = 0
  let found: string | undefined
  return {
    bytes: () => done,
    async *chunks(): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        signal?.throwIfAborted()
        hash?.update(chunk)
        done += chunk.length
        onBytes?.(done)
        yield chunk
      }
    },
    check(): void {
      if (hash === undefined) return
      found ??= `${algorithm}:${hash.digest('hex')}`
      if (found === digest) return
      throw new ProvisionError('CHECKSUM', `The compressed image has the digest ${found} instead of ${digest}.`, {
        hint: 'The copy on this disk has changed. Run again to download it again.',
        details: { found, expected: digest },
      })
    },
  }
}

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: READ_BYTES })
  try {
    yield* file as AsyncIterable<Uint8Array>
  } catch (error) {
    throw diskError(error, path)
  } finally {
    file.destroy()
  }
}

function cancelled(error: unknown, signal: AbortSignal | undefined): unknown {
  if (!signal?.aborted || (error instanceof ProvisionError && error.code === 'CANCELLED')) return error
  return new ProvisionError('CANCELLED', 'Decompression was interrupted.', { cause: error })
}
