// Packed bytes → the bytes inside: by Node where it can, else by a program, else without one where there is a way.
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
  /** Told of bytes that follow the packed ones, where a digest vouches for both; absent: they are an error. */
  readonly onTrailing?: (() => void) | undefined
}

const READ_BYTES = 1024 * 1024
/** Enough for every preset of xz on all cores of a small machine, and no more for a file that asks for gigabytes. */
const XZ_MEMORY = '1GiB'

/** @throws ProvisionError `IMAGE` when the bytes are cut, damaged or followed by others; `CONVERT` without the program */
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

/** The program works on all cores; without it there is a slower way on one. */
async function* xz(chunks: AsyncIterable<Uint8Array>, options: DecodeOptions): AsyncGenerator<Uint8Array> {
  const args = ['-dc', '-T0', `--memlimit-decompress=${XZ_MEMORY}`]
  yield* (await isInstalled('xz')) ? byProgram({ compression: 'xz', args, chunks }, options) : xzStream(chunks)
}

interface Program {
  /** The program is called like what it unpacks. */
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
      // bzip2 only warns, and ends with 0: "bzip2: (stdin): trailing garbage after EOF ignored".
      onSuccess(lastWords) {
        if (!lastWords.includes('trailing garbage')) return
        if (onTrailing === undefined) throw damaged(compression, undefined, 'garbage follows its end')
        onTrailing()
      },
    })
  } catch (error) {
    throw error instanceof ProvisionError ? damaged(compression, error) : error
  }
}
