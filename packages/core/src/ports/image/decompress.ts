// Unpacks an image in one pass and constant memory: both digests are taken on the way, zeros become holes.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { bzip2Stream } from '../../codecs/decompress/bzip2-stream.ts'
import { damaged } from '../../codecs/decompress/damage.ts'
import { createSparseFile } from '../../codecs/decompress/sparse-file.ts'
import { xzStream } from '../../codecs/decompress/xz-stream.ts'
import { zlibStream } from '../../codecs/decompress/zlib-stream.ts'
import { ProvisionError } from '../../errors.ts'
import type { Compression, Digest } from '../../manifest/manifest.ts'
import { isInstalled, pipeThrough } from '../exec.ts'
import { diskError } from '../files/disk-error.ts'

export interface DecompressRequest {
  readonly from: string
  /** Its bytes, where they are not all there yet; absent: the file is read. */
  readonly chunks?: AsyncIterable<Uint8Array>
  readonly compression: Exclude<Compression, 'none'>
  /** The new file; what was there is gone. */
  readonly to: string
  /** Promised of the packed bytes: checked while they are read, so a store that rotted is noticed. */
  readonly digest?: Digest
  /** More is never written: a bomb stops there. Default 256 GiB. */
  readonly limitBytes?: number
  readonly signal?: AbortSignal
  /** Packed bytes read so far. */
  readonly onBytes?: (done: number) => void
}

export interface Decompressed {
  readonly sourceBytes: number
  readonly bytes: number
  /** Of the unpacked bytes. */
  readonly digest: Digest
}

const DEFAULT_LIMIT_BYTES = 256 * 1024 ** 3
const READ_BYTES = 1024 * 1024
/** Enough for every preset of xz on all cores of a small machine, and no more for a file that asks for gigabytes. */
const XZ_MEMORY = '1GiB'

/**
 * Unpacks `from` into the new file `to`.
 * @throws ProvisionError `IMAGE` when the bytes are cut, damaged, followed by garbage or a bomb; `CHECKSUM` when the
 * packed bytes are not those of `digest`; `DISK`; `CANCELLED`
 */
export async function decompress(request: DecompressRequest): Promise<Decompressed> {
  const { to, limitBytes = DEFAULT_LIMIT_BYTES } = request
  const source = createSource(request)
  const hash = createHash('sha256')
  const file = await createSparseFile(to)
  let bytes = 0
  try {
    for await (const chunk of decode(request, source.chunks())) {
      request.signal?.throwIfAborted()
      bytes += chunk.length
      if (bytes > limitBytes) throw bomb(request, limitBytes)
      hash.update(chunk)
      await file.write(chunk)
    }
    source.check()
    await file.finish()
    return { sourceBytes: source.bytes(), bytes, digest: `sha256:${hash.digest('hex')}` }
  } catch (error) {
    await rm(to, { force: true })
    throw cancelled(error, request.signal)
  } finally {
    await file.close()
  }
}

function decode(
  { compression, signal }: DecompressRequest,
  chunks: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case 'gzip':
    case 'zstd':
      return zlibStream(compression, chunks)
    case 'xz':
    case 'bzip2':
      return byProgramIfThere(compression, { compression, chunks, signal })
  }
}

/** Without the program: slower, and on one core. */
const PROGRAMS = {
  xz: { args: ['-dc', '-T0', `--memlimit-decompress=${XZ_MEMORY}`], decode: xzStream },
  bzip2: { args: ['-dc'], decode: bzip2Stream },
} as const

async function* byProgramIfThere(file: keyof typeof PROGRAMS, input: ProgramInput): AsyncGenerator<Uint8Array> {
  const { args, decode } = PROGRAMS[file]
  if (await isInstalled(file)) yield* byProgram(file, args, input)
  else yield* decode(input.chunks)
}

interface ProgramInput {
  readonly compression: Compression
  readonly chunks: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal | undefined
}

async function* byProgram(file: string, args: readonly string[], { compression, chunks, signal }: ProgramInput) {
  const source = Readable.from(chunks, { objectMode: false, highWaterMark: READ_BYTES })
  try {
    yield* pipeThrough(file, args, {
      source,
      ...(signal && { signal }),
      // bzip2 only warns, and ends with 0: "bzip2: (stdin): trailing garbage after EOF ignored".
      onSuccess(lastWords) {
        if (lastWords.includes('trailing garbage')) throw damaged(compression, undefined, 'garbage follows its end')
      },
    })
  } catch (error) {
    throw error instanceof ProvisionError ? damaged(compression, error) : error
  }
}

/** The packed bytes, counted and hashed while they are read. */
function createSource({ from, chunks = readFile(from), digest, signal, onBytes }: DecompressRequest) {
  const algorithm = digest?.startsWith('sha512:') ? 'sha512' : 'sha256'
  const hash = digest === undefined ? undefined : createHash(algorithm)
  let done = 0
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
      const found = `${algorithm}:${hash.digest('hex')}`
      if (found === digest) return
      throw new ProvisionError('CHECKSUM', `The packed image is ${found}, not ${digest}.`, {
        hint: 'The copy on this disk has changed: run again, it is fetched anew.',
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

function bomb({ compression }: DecompressRequest, limitBytes: number): ProvisionError {
  const gibibytes = Math.round(limitBytes / 1024 ** 3)
  const limit = gibibytes > 0 ? `${gibibytes} GiB` : `${limitBytes} bytes`
  return new ProvisionError('IMAGE', `The ${compression} image unpacks to more than ${limit}.`, {
    details: { limitBytes },
    hint: 'That is no image of a machine; check its address.',
  })
}

function cancelled(error: unknown, signal: AbortSignal | undefined): unknown {
  if (!signal?.aborted || (error instanceof ProvisionError && error.code === 'CANCELLED')) return error
  return new ProvisionError('CANCELLED', 'Unpacking was interrupted.', { cause: error })
}
