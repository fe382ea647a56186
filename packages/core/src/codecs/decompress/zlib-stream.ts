// Decompresses gzip and zstd with Node, over any number of members or frames. Distinguishes trailing garbage from truncation.
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
 * Windows of up to 1 GiB. `zstd -d` allows 128 MiB by default, but files packed with `--long=30` need this window.
 * Memory is used only as far as the window is filled.
 */
const LARGEST_WINDOW_LOG = 30
/** Enough bytes to tell another frame or member from anything else. */
const MAGIC_BYTES = 4

export interface ZlibOptions {
  /** Called when extra bytes follow the last frame; the bytes are skipped. Without it, such bytes are an error. */
  readonly onTrailing?: (() => void) | undefined
}

/**
 * Decompresses all frames of the source.
 * Trap: Node's decoders end silently after the first frame if more input follows in the same chunk. Seen in Node 24.21:
 * two zstd frames yield only the first frame's bytes and no error, and every pzstd file begins with an empty frame.
 * Gunzip fails on bytes after the last member and drops what it has decompressed. So each frame gets its own decoder,
 * and this code inspects the bytes that the decoder did not consume.
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

/**
 * Skips the bytes after the last frame. Zero padding is common and harmless. Other bytes are an error without
 * `onTrailing`.
 */
async function passOver(compression: ZlibCompression, input: ByteReader, onTrailing: (() => void) | undefined) {
  let isPadding = true
  for await (const chunk of input.rest()) isPadding &&= chunk.every((byte) => byte === 0)
  if (isPadding) return
  if (onTrailing === undefined) throw damaged(compression, undefined, 'there is garbage after its end')
  onTrailing()
}

function zstdFrame(input: ByteReader): AsyncGenerator<Uint8Array> {
  const decoder = createZstdDecompress({
    chunkSize: CHUNK_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: LARGEST_WINDOW_LOG },
  })
  return decoded('zstd', decoder, { input, frame: createZstdFrame() })
}

/** Reads one gzip member (RFC 1952): header, deflate stream, CRC and length. */
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
  if (taken.length < bytes) throw damaged('gzip', undefined, 'it is truncated')
  return taken
}

interface Fed {
  readonly input: ByteReader
  /** Follows the input to detect truncation. Absent if the decoder detects it itself. */
  readonly frame?: ZstdFrame
}

async function* decoded(
  compression: ZlibCompression,
  decoder: InflateRaw | ZstdDecompress,
  { input, frame }: Fed,
): AsyncGenerator<Uint8Array> {
  let sourceError: unknown
  const feeding = feed(decoder, input, frame)
  // Without this handler, an error of the source would leave the loop below waiting forever.
  feeding.catch((error: Error) => {
    sourceError = error
    decoder.destroy(error)
  })
  try {
    for await (const chunk of decoder) yield chunk as Uint8Array
    const isAtEnd = await feeding
    if (isAtEnd && frame?.isWhole() === false) throw damaged(compression, undefined, 'it is truncated')
  } catch (error) {
    throw error === sourceError ? error : damaged(compression, error)
  } finally {
    decoder.destroy()
  }
}

/** Feeds one chunk at a time, so that the bytes after the frame can be put back. Returns true if there are none. */
async function feed(decoder: InflateRaw | ZstdDecompress, input: ByteReader, frame?: ZstdFrame): Promise<boolean> {
  const closed = new Promise<void>((resolve) => decoder.once('close', resolve))
  for (let chunk = await input.takeSome(); chunk.length > 0; chunk = await input.takeSome()) {
    const bytes = chunk
    const before = decoder.bytesWritten
    // After the end of a frame, the callback of a write may never be called. So wait for whichever comes first.
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
