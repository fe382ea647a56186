// Unpacks a compressed or archived disk image as one stream. Compression and archives can be nested in any order.
import { ProvisionError } from '../../errors.ts'
import { type ByteReader, createByteReader } from '../byte-reader.ts'
import { decode, type Packing } from '../decompress/decode.ts'
import type { Archive } from '../image/finding.ts'
import { examine, HEAD_BYTES, refused } from '../image/sniff.ts'
import { expectOne, isWanted, notAnArchive } from './members.ts'
import { tarMembers } from './tar.ts'

export interface UnwrapOptions {
  /** Name of the archive member that is the image. Default: the only image in the archive. */
  readonly member?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Called when extra bytes follow the compressed data; the bytes are skipped. Without it, such bytes are an error. */
  readonly onTrailing?: (() => void) | undefined
  /** Limit for the unpacked size of each layer. It stops decompression bombs. */
  readonly limitBytes: number
}

/** How deep compression and archives may be nested, such as `.img.xz` in a tar in a gzip file. */
const MOST_LAYERS = 4

/**
 * Yields the bytes of the image. A file that is not an image is refused with an error that says what it is.
 * @throws ProvisionError `IMAGE`; errors of the source pass through unchanged
 */
export async function* unwrap(
  source: AsyncIterable<Uint8Array>,
  options: UnwrapOptions,
  layer = 0,
): AsyncGenerator<Uint8Array> {
  const input = createByteReader(source)
  try {
    const head = await input.peek(HEAD_BYTES)
    if (head.length === 0) throw refused('it is empty')
    const found = examine(head)
    if (found.refusal !== undefined) throw refused(found.refusal, { hint: found.hint })
    if (found.compression === undefined && found.archive === undefined) {
      if (layer === 0) throw refused('it is not compressed')
      if (options.member !== undefined) throw notAnArchive(options.member)
      yield* input.rest()
      return
    }
    if (layer === MOST_LAYERS) throw refused(`it is compressed more than ${MOST_LAYERS} times`)
    yield* openLayer(input, { ...found, layer }, options)
  } finally {
    await input.close()
  }
}

interface Layer {
  readonly compression?: Packing | 'none'
  readonly archive?: Archive
  readonly layer: number
}

async function* openLayer(input: ByteReader, { compression, archive, layer }: Layer, options: UnwrapOptions) {
  if (archive === 'zip')
    throw refused('it is a zip archive inside another archive', { hint: 'Give the address of the zip archive itself.' })
  if (archive === 'tar') return yield* fromTar(input.rest(), options, layer)
  if (compression === undefined || compression === 'none') return
  const decoded = decode(compression, input.rest(), options)
  yield* unwrap(limited(decoded, options.limitBytes), options, layer + 1)
}

/** Streams the first image of the archive. A second image is found only at the end, and the error is thrown then. */
async function* fromTar(source: AsyncIterable<Uint8Array>, options: UnwrapOptions, layer: number) {
  const { member: wanted, ...inside } = options
  const [images, others]: [string[], string[]] = [[], []]
  for await (const { name, sizeBytes, isFile, chunks } of tarMembers(source)) {
    if (!isFile) continue
    const input = createByteReader(chunks())
    const isImage = isWanted({ name, sizeBytes, head: await input.peek(Math.min(HEAD_BYTES, sizeBytes)) }, wanted)
    ;(isImage ? images : others).push(name)
    if (isImage && images.length === 1) yield* unwrap(input.rest(), inside, layer + 1)
  }
  expectOne({ images, others, wanted })
}

/** Stops the stream at the limit. Each layer has the limit, so a bomb of zeros stops before it reaches the disk. */
async function* limited(chunks: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > limitBytes) throw bomb(limitBytes)
    yield chunk
  }
}

/** Creates the error for data that unpacks to more than the limit. */
export function bomb(limitBytes: number): ProvisionError {
  const gibibytes = Math.round(limitBytes / 1024 ** 3)
  const limit = gibibytes > 0 ? `${gibibytes} GiB` : `${limitBytes} bytes`
  return new ProvisionError('IMAGE', `The image is larger than ${limit} after decompression.`, {
    details: { limitBytes },
    hint: 'This cannot be a disk image: check the address.',
  })
}
