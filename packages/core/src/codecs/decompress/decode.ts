// Decompresses a stream: with Node if it has the codec, else with a program, else with a WebAssembly decoder if there
// is one.
import { Readable } from 'node:stream'
import { ProvisionError } from '../../errors.ts'
import type { Compression } from '../../manifest/manifest.ts'
import { isInstalled, pipeThrough } from '../../ports/exec.ts'
import { damaged } from './damage.ts'
import { xzStream } from './xz-stream.ts'
import { zlibStream } from './zlib-stream.ts'

export type Packing = Exclude<Compression, 'none'>

export interface DecodeOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * Called when extra bytes follow the compressed data. Set it only if a digest covers all bytes. Without it, they are
   * an error.
   */
  readonly onTrailing?: (() => void) | undefined
}

const READ_BYTES = 1024 * 1024
/**
 * Memory limit for xz. It suffices for all presets on all cores of a small machine, and refuses files that ask for
 * more.
 */
const XZ_MEMORY = '1GiB'

/**
 * Decompresses the chunks.
 * @throws ProvisionError `IMAGE` if the data is truncated, damaged or followed by other bytes; `CONVERT` if the program
 * is not installed
 */
export function decode(
  compression: Packing,
  chunks: AsyncIterable<Uint8Array>,
  options: DecodeOptions = {},
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case 'gzip':
    case 'zstd':
      return zlibStream(compression, chunks, options)
    case 'xz':
      return xz(chunks, options)
    case 'bzip2':
      return byProgram({ compression, args: ['-dc'], chunks }, options)
  }
}

/** Uses the `xz` program, which works on all cores, or else the slower decoder on one core. */
async function* xz(chunks: AsyncIterable<Uint8Array>, options: DecodeOptions): AsyncGenerator<Uint8Array> {
  const args = ['-dc', '-T0', `--memlimit-decompress=${XZ_MEMORY}`]
  yield* (await isInstalled('xz')) ? byProgram({ compression: 'xz', args, chunks }, options) : xzStream(chunks)
}

interface Program {
  /** The compression, which is also the name of the program. */
  readonly compression: 'xz' | 'bzip2'
  readonly args: readonly string[]
  readonly chunks: AsyncIterable<Uint8Array>
}

async function* byProgram({ compression, args, chunks }: Program, { signal, onTrailing }: DecodeOptions) {
  const source = Readable.from(chunks, { objectMode: false, highWaterMark: READ_BYTES })
  try {
    yield* pipeThrough(compression, args, {
      source,
      ...(signal && { signal }),
      // bzip2 only warns and exits with 0: "bzip2: (stdin): trailing garbage after EOF ignored".
      onSuccess(lastWords) {
        if (!lastWords.includes('trailing garbage')) return
        if (onTrailing === undefined) throw damaged(compression, undefined, 'there is garbage after its end')
        onTrailing()
      },
    })
  } catch (error) {
    throw error instanceof ProvisionError ? damaged(compression, error) : error
  }
}
