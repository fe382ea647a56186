// gzip and zstd by Node itself, over any number of members or frames, telling garbage and cuts apart.
import { constants, createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib'
import { damaged } from './damage.ts'

export type ZlibCompression = 'gzip' | 'zstd'

const CHUNK_BYTES = 256 * 1024
/** As `zstd -d` has it without further flags: 128 MiB of window. */
const LARGEST_WINDOW_LOG = 27

/**
 * Trap: Node's decoders end quietly after the first frame when more input follows it in the same chunk (24.21: two
 * zstd frames give the first one's bytes and no error; pzstd begins every file with a frame that holds none). So each
 * frame gets its own decoder, and what it did not consume is looked at.
 */
export async function* zlibStream(
  compression: ZlibCompression,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const input = createInput(source)
  try {
    yield* oneFrame(compression, input)
    for (let rest = await input.peek(); rest !== undefined; rest = await input.peek()) {
      if (!beginsFrame(compression, rest)) return await input.expectZeros(compression)
      yield* oneFrame(compression, input)
    }
  } finally {
    await input.close()
  }
}

async function* oneFrame(compression: ZlibCompression, input: Input): AsyncGenerator<Uint8Array> {
  const decoder = createDecoder(compression)
  let sourceError: unknown
  const feeding = feed(decoder, input)
  // Without this a source that fails would leave the loop below waiting for ever.
  feeding.catch((error: Error) => {
    sourceError = error
    decoder.destroy(error)
  })
  try {
    for await (const chunk of decoder) yield chunk as Uint8Array
    await feeding
  } catch (error) {
    throw error === sourceError ? error : damaged(compression, error)
  } finally {
    decoder.destroy()
  }
}

/** One chunk at a time, so that the bytes behind the frame can be given back. */
async function feed(decoder: Gunzip | ZstdDecompress, input: Input): Promise<void> {
  const closed = new Promise<void>((resolve) => decoder.once('close', resolve))
  for (let chunk = await input.take(); chunk !== undefined; chunk = await input.take()) {
    const bytes = chunk
    const before = decoder.bytesWritten
    // After the end of a frame the callback of a write may never come: whichever is first.
    await Promise.race([closed, new Promise<void>((resolve) => decoder.write(bytes, () => resolve()))])
    const consumed = decoder.bytesWritten - before
    if (consumed < bytes.length || decoder.destroyed) return input.giveBack(bytes.subarray(consumed))
  }
  decoder.end()
}

function createDecoder(compression: ZlibCompression): Gunzip | ZstdDecompress {
  if (compression === 'gzip') return createGunzip({ chunkSize: CHUNK_BYTES })
  return createZstdDecompress({
    chunkSize: CHUNK_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: LARGEST_WINDOW_LOG },
  })
}

function beginsFrame(compression: ZlibCompression, bytes: Uint8Array): boolean {
  const [first = 0, second] = bytes
  if (compression === 'gzip') return first === 0x1f && (second === undefined || second === 0x8b)
  return first === 0x28 || (first & 0xf0) === 0x50
}

type Input = ReturnType<typeof createInput>

function createInput(source: AsyncIterable<Uint8Array>) {
  const iterator = source[Symbol.asyncIterator]()
  let pending: Uint8Array | undefined
  async function next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const { done, value } = await iterator.next()
      if (done) return undefined
      if (value.length > 0) return value
    }
  }
  async function take(): Promise<Uint8Array | undefined> {
    const chunk = pending ?? (await next())
    pending = undefined
    return chunk
  }
  return {
    take,
    close: () => iterator.return?.(),
    async peek(): Promise<Uint8Array | undefined> {
      pending ??= await next()
      return pending
    },
    giveBack(bytes: Uint8Array): void {
      if (bytes.length > 0) pending = bytes
    },
    /** Padding with zeros is common and harmless; anything else does not belong there. */
    async expectZeros(compression: ZlibCompression): Promise<void> {
      for (let chunk = await take(); chunk !== undefined; chunk = await take()) {
        if (chunk.some((byte) => byte !== 0)) throw damaged(compression, undefined, 'garbage follows its end')
      }
    },
  }
}
