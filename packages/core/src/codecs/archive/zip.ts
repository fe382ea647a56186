// Reads the disk image in a zip archive. The directory of a zip file is at its end, so this needs a file, not a stream.
import { crc32 } from 'node:zlib'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { ProvisionError } from '../../errors.ts'
import { cleanText } from '../../foreign-text.ts'
import { createByteReader } from '../byte-reader.ts'
import { HEAD_BYTES } from '../image/sniff.ts'
import { expectOne, isWanted } from './members.ts'

const MOST_MEMBERS = 100_000

/**
 * Yields the bytes of the member. A member that is itself compressed stays compressed.
 * @throws ProvisionError `IMAGE` for a damaged archive, a missing member, or several images
 */
export async function* zipMember(path: string, wanted: string | undefined): AsyncGenerator<Uint8Array> {
  const zip = await orDamaged(() => openPromise(path, { autoClose: false, lazyEntries: true }))
  try {
    const entry = await chooseEntry(zip, wanted)
    yield* bytesOf(zip, entry)
  } finally {
    zip.close()
  }
}

async function chooseEntry(zip: ZipFile, wanted: string | undefined): Promise<Entry> {
  if (zip.entryCount > MOST_MEMBERS) throw damagedZip('it has too many members')
  const [images, others]: [Entry[], Entry[]] = [[], []]
  const entries = zip.eachEntry()[Symbol.asyncIterator]()
  for (;;) {
    const { done, value: entry } = await orDamaged(() => entries.next())
    if (done) break
    if (entry.fileName.endsWith('/')) continue
    const isImage = isWanted(
      { name: entry.fileName, sizeBytes: entry.uncompressedSize, head: await headOf(zip, entry, wanted) },
      wanted,
    )
    ;(isImage ? images : others).push(entry)
  }
  const unreadable = images.length === 0 ? others.find((entry) => !entry.canDecodeFileData()) : undefined
  if (unreadable !== undefined) throw notDecodable(unreadable)
  const names = (list: readonly Entry[]) => list.map(({ fileName }) => fileName)
  expectOne({ images: names(images), others: names(others), wanted })
  const [image] = images
  if (image === undefined) throw damagedZip('it has no member')
  return image
}

/**
 * Reads the first bytes of a member. They are not needed when a name is wanted. A member that cannot be decoded yields
 * no bytes and so does not count as an image.
 */
async function headOf(zip: ZipFile, entry: Entry, wanted: string | undefined): Promise<Uint8Array> {
  if (wanted !== undefined || !entry.canDecodeFileData()) return new Uint8Array()
  const input = createByteReader(await orDamaged(() => zip.openReadStreamPromise(entry)))
  try {
    return await input.take(HEAD_BYTES)
  } catch (error) {
    throw damagedZip(messageOf(error), error)
  } finally {
    await input.close()
  }
}

/** Streams the data of a member and checks its CRC, because yauzl checks only the length. */
async function* bytesOf(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  if (!entry.canDecodeFileData()) throw notDecodable(entry)
  const stream = await orDamaged(() => zip.openReadStreamPromise(entry))
  const chunks = stream[Symbol.asyncIterator]()
  let crc = 0
  try {
    for (;;) {
      const { done, value } = await orDamaged(() => chunks.next() as Promise<IteratorResult<Buffer>>)
      if (done) break
      crc = crc32(value, crc)
      yield value
    }
  } finally {
    stream.destroy()
  }
  if (crc !== entry.crc32) throw damagedZip('a CRC does not match')
}

function notDecodable(entry: Entry): ProvisionError {
  const why = entry.isEncrypted() ? 'is encrypted' : `uses compression method ${entry.compressionMethod}`
  return new ProvisionError(
    'IMAGE',
    `The zip archive cannot be read: its member \`${cleanText(entry.fileName, { most: 120 })}\` ${why}.`,
    { hint: 'Extract it, compress the image with zstd, xz or gzip, and use that file.' },
  )
}

async function orDamaged<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw error instanceof ProvisionError ? error : damagedZip(messageOf(error), error)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function damagedZip(how: string, cause?: unknown): ProvisionError {
  return new ProvisionError('IMAGE', `The zip archive cannot be read: ${how}.`, {
    cause,
    hint: 'If its digest was correct, the vendor published a damaged file: use another build, or report it to the vendor.',
  })
}
