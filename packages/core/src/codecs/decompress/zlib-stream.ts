// gzip and zstd by Node itself, over any number of members or frames, telling garbage and cuts apart.
import {
  constants,
  crc32,
  createInflateRaw,
  createZstdDecompress,
  type InflateRaw,
  type ZstdDecompress,
} from 'node:zlib'
import { type ByteReader, createByteReader } from '../byte-reader.ts'
import { damaged } from './damage.ts'
import { createZstdFrame, type ZstdFrame } from './zstd-frame.ts'

export type ZlibCompression = 'gzip' | 'zstd'

const CHUNK_BYTES = 256 * 1024
/**
 * 1 GiB: `zstd -d` takes 128 MiB without further flags, but files packed with `--long=30` have no other way to be unpacked,
 * and of a window only what is unpacked is ever touched.
 */
const LARGEST_WINDOW_LOG = 30
/** Enough to tell a further frame, or member, from anything else. */
const MAGIC_BYTES = 4

export interface ZlibOptions {
  /** Told of bytes behind the last frame, which are passed over; absent: they are an error. */
  readonly onTrailing?: (() => void) | undefined
}

/**
 * Trap: Node's decoders end quietly after the first frame when more input follows it in the same chunk (24.21: two
 * zstd frames give the first one's bytes and no error; pzstd begins every file with a frame that holds none), and its
 * Gunzip fails over bytes behind the last member, with what it had unpacked. So each frame gets its own decoder, and
 * what it did not consume is looked at.
 */
export async function* zlibStream(
  compression: ZlibCompression,
  source: AsyncIterable<Uint8Array>,
  { onTrailing }: ZlibOptions = {},
): AsyncGenerator<Uint8Array> {
  const input = createByteReader(source)
  const oneFrame = compression === 'gzip' ? gzipMember : zstdFrame
  try {
    yield* oneFrame(input)
    for (let rest = await input.peek(MAGIC_BYTES); rest.length > 0; rest = await input.peek(MAGIC_BYTES)) {
      if (!beginsFrame(compression, rest)) return await passOver(compression, input, onTrailing)
      yield* oneFrame(input)
    }
  } finally {
    await input.close()
  }
}

/** Padding with zeros is common and harmless; anything else belongs there only where somebody vouches for it. */
async function passOver(compression: ZlibCompression, input: ByteReader, onTrailing: (() => void) | undefined) {
  let isPadding = true
  for await (const chunk of input.rest()) isPadding &&= chunk.every((byte) => byte === 0)
  if (isPadding) return
  if (onTrailing === undefined) throw damaged(compression, undefined, 'garbage follows its end')
  onTrailing()
}

function zstdFrame(input: ByteReader): AsyncGenerator<Uint8Array> {
  const decoder = createZstdDecompress({
    chunkSize: CHUNK_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: LARGEST_WINDOW_LOG },
  })
  return decoded('zstd', decoder, { input, frame: createZstdFrame() })
}

/** RFC 1952: a header, a deflate stream, its CRC and its length. */
async function* gzipMember(input: ByteReader): AsyncGenerator<Uint8Array> {
  await skipHeader(input)
  let [crc, bytes] = [0, 0]
  for await (const chunk of decoded('gzip', createInflateRaw({ chunkSize: CHUNK_BYTES }), { input })) {
    crc = crc32(chunk, crc)
    bytes += chunk.length
    yield chunk
  }
  const trailer = Buffer.from(await takeAll(input, 8))
  if (trailer.readUInt32LE(0) !== crc || trailer.readUInt32LE(4) !== bytes % 2 ** 32) throw damaged('gzip', undefined)
}

const [HAS_CRC, HAS_EXTRA, HAS_NAME, HAS_COMMENT] = [2, 4, 8, 16]

async function skipHeader(input: ByteReader): Promise<void> {
  const flags = (await takeAll(input, 10))[3] ?? 0
  if ((flags & HAS_EXTRA) !== 0) {
    const [low = 0, high = 0] = await takeAll(input, 2)
    await takeAll(input, low + high * 256)
  }
  if ((flags & HAS_NAME) !== 0) await skipText(input)
  if ((flags & HAS_COMMENT) !== 0) await skipText(input)
  if ((flags & HAS_CRC) !== 0) await takeAll(input, 2)
}

async function skipText(input: ByteReader): Promise<void> {
  while ((await takeAll(input, 1))[0] !== 0);
}

async function takeAll(input: ByteReader, bytes: number): Promise<Uint8Array> {
  const taken = await input.take(bytes)
  if (taken.length < bytes) throw damaged('gzip', undefined, 'it is cut short')
  return taken
}

interface Fed {
  readonly input: ByteReader
  /** Told of each byte that is fed; absent: the decoder says by itself that its input is cut. */
  readonly frame?: ZstdFrame
}

async function* decoded(
  compression: ZlibCompression,
  decoder: InflateRaw | ZstdDecompress,
  { input, frame }: Fed,
): AsyncGenerator<Uint8Array> {
  let sourceError: unknown
  const feeding = feed(decoder, input, frame)
  // Without this a source that fails would leave the loop below waiting for ever.
  feeding.catch((error: Error) => {
    sourceError = error
    decoder.destroy(error)
  })
  try {
    for await (const chunk of decoder) yield chunk as Uint8Array
    const isAtEnd = await feeding
    if (isAtEnd && frame?.isWhole() === false) throw damaged(compression, undefined, 'it is cut short')
  } catch (error) {
    throw error === sourceError ? error : damaged(compression, error)
  } finally {
    decoder.destroy()
  }
}

/** One chunk at a time, so that the bytes behind the frame can be given back. True where there are none. */
async function feed(decoder: InflateRaw | ZstdDecompress, input: ByteReader, frame?: ZstdFrame): Promise<boolean> {
  const closed = new Promise<void>((resolve) => decoder.once('close', resolve))
  for (let chunk = await input.takeSome(); chunk.length > 0; chunk = await input.takeSome()) {
    const bytes = chunk
    const before = decoder.bytesWritten
    // After the end of a frame the callback of a write may never come: whichever is first.
    await Promise.race([closed, new Promise<void>((resolve) => decoder.write(bytes, () => resolve()))])
    const consumed = decoder.bytesWritten - before
    if (consumed < bytes.length || decoder.destroyed) {
      input.giveBack(bytes.subarray(consumed))
      return false
    }
    frame?.push(bytes)
  }
  decoder.end()
  return true
}

function beginsFrame(compression: ZlibCompression, bytes: Uint8Array): boolean {
  const [first = 0, second, third] = bytes
  if (compression === 'gzip') return first === 0x1f && second === 0x8b && third === 8
  const isSkippable = (first & 0xf0) === 0x50 && second === 0x2a && third === 0x4d
  return isSkippable || (first === 0x28 && second === 0xb5 && third === 0x2f)
}
