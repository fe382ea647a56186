// xz without the program: a WebAssembly build of XZ Embedded, one core, for machines that do not have xz.
import { ReadableStream } from 'node:stream/web'
import { damaged } from './damage.ts'

/**
 * Slower than the program (which uses all cores) and without the filters for machine code and the SHA-256 check, which
 * it refuses by name. Several streams, padding, CRC32 and CRC64 are its own.
 */
export async function* xzStream(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const XzReadableStream = await loadDecoder()
  let sourceError: unknown
  const watched = async function* () {
    try {
      yield* source
    } catch (error) {
      sourceError = error
      throw error
    }
  }
  try {
    yield* new XzReadableStream(toWeb(watched()))
  } catch (error) {
    throw sourceError ?? damaged('xz', error)
  }
}

function toWeb(source: AsyncIterable<Uint8Array>) {
  return ReadableStream.from(source) as unknown as globalThis.ReadableStream<Uint8Array>
}

type Module = typeof import('xz-decompress')

/** CommonJS whose names Node cannot see from outside, though its types promise them; bundlers do see them. */
async function loadDecoder(): Promise<Module['XzReadableStream']> {
  const loaded: Module & { readonly default?: Module } = await import('xz-decompress')
  return (loaded.default ?? loaded).XzReadableStream
}
