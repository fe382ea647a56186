// Decompresses xz without the `xz` program: XZ Embedded compiled to WebAssembly, on one core.
import { ReadableStream } from 'node:stream/web'
import { damaged } from './damage.ts'

/**
 * Decompresses an xz stream. This is slower than the program, which uses all cores. It does not support the filters for
 * machine code or the SHA-256 check, and names them in its error. It supports several streams, padding, CRC32 and
 * CRC64.
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

/** The package is CommonJS. Node cannot detect its named exports, although its types declare them; bundlers can. */
async function loadDecoder(): Promise<Module['XzReadableStream']> {
  const loaded: Module & { readonly default?: Module } = await import('xz-decompress')
  return (loaded.default ?? loaded).XzReadableStream
}
