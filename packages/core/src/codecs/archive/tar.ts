// Reads tar archives as a stream: ustar, pax, GNU long names, and GNU sparse files in the old and new formats.
// We wrote this reader because cloud vendors publish `disk.raw` as a sparse member, and the tar libraries on npm read
// sparse members wrongly (decision 17).
import { ProvisionError } from '../../errors.ts'
import { type ByteReader, createByteReader } from '../byte-reader.ts'
import { type Hole, readHeader, readSparseBlock, type TarHeader } from './tar-header.ts'
import { type PaxRecords, parsePax } from './tar-pax.ts'

export interface TarMember {
  readonly name: string
  /** Size of the extracted file, holes included. */
  readonly sizeBytes: number
  readonly isFile: boolean
  /** Returns the bytes of the member, in order. Bytes that are not read are skipped before the next member. */
  readonly chunks: () => AsyncGenerator<Uint8Array>
}

const BLOCK_BYTES = 512
/** Long names and pax records are small. A larger record means that the archive is damaged or hostile. */
const LARGEST_RECORD_BYTES = 1024 * 1024
const MOST_MEMBERS = 1_000_000
const ZEROS = new Uint8Array(1024 * 1024)

/**
 * Yields the members of the archive in order.
 * @throws ProvisionError `IMAGE` for a damaged or truncated archive; errors of the source pass through unchanged
 */
export async function* tarMembers(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarMember> {
  const input = createByteReader(source)
  let extra: PaxRecords = {}
  try {
    for (let count = 0; count < MOST_MEMBERS; count += 1) {
      const header = await nextHeader(input)
      if (header === undefined) return
      const record = await recordOf(header, input)
      extra = { ...extra, ...record }
      if (record !== undefined) continue
      const { member, finish } = await openMember(input, header, extra)
      yield member
      await finish()
      extra = {}
    }
    throw damagedTar('it has too many members')
  } finally {
    await input.close()
  }
}

/** Reads the next header. Returns undefined at the end of the archive: a block of zeros, or the end of the file. */
async function nextHeader(input: ByteReader): Promise<TarHeader | undefined> {
  const block = await input.take(BLOCK_BYTES)
  if (block.every((byte) => byte === 0)) {
    await input.drain()
    return undefined
  }
  const header = block.length === BLOCK_BYTES ? readHeader(block) : undefined
  if (header === undefined) throw damagedTar('a header is damaged')
  return header
}

/** Reads a record that describes the next member. Returns undefined if the header is not of such a record. */
async function recordOf({ type, sizeBytes }: TarHeader, input: ByteReader): Promise<PaxRecords | undefined> {
  if (!['x', 'L', 'K', 'g', 'V'].includes(type)) return undefined
  if (sizeBytes > LARGEST_RECORD_BYTES) throw damagedTar('a record is too large')
  const bytes = await takeAll(input, sizeBytes)
  await input.skip(paddingOf(sizeBytes))
  if (type === 'L') return { path: Buffer.from(bytes).toString('utf8').replace(/\0.*$/s, '') }
  return type === 'x' ? parsePax(bytes) : {}
}

async function openMember(input: ByteReader, header: TarHeader, extra: PaxRecords) {
  const storedBytes = Number(extra.size ?? header.sizeBytes)
  if (!Number.isSafeInteger(storedBytes) || storedBytes < 0) throw damagedTar('a member has no length')
  const { stored, realBytes, mapBytes } = await sparseMap(input, { header, extra, storedBytes })
  let leftBytes = storedBytes - mapBytes
  async function* data(bytes: number): AsyncGenerator<Uint8Array> {
    for (let left = Math.min(bytes, leftBytes); left > 0; ) {
      const chunk = await input.takeSome(left)
      if (chunk.length === 0) throw damagedTar('it is truncated')
      left -= chunk.length
      leftBytes -= chunk.length
      yield chunk
    }
  }
  const member: TarMember = {
    name: extra['GNU.sparse.name'] ?? extra.path ?? header.name,
    sizeBytes: realBytes,
    isFile: ['0', '\0', '7', 'S'].includes(header.type),
    chunks: () => withHoles(stored, realBytes, data),
  }
  return {
    member,
    finish: async () => {
      await input.skip(leftBytes)
      await input.skip(paddingOf(storedBytes))
    },
  }
}

interface SparseMap {
  /** The spans whose bytes are stored, in order. */
  readonly stored: readonly Hole[]
  readonly realBytes: number
  /** How many of the stored bytes are the sparse map itself. */
  readonly mapBytes: number
}

interface Stored {
  readonly header: TarHeader
  readonly extra: PaxRecords
  readonly storedBytes: number
}

async function sparseMap(input: ByteReader, { header, extra, storedBytes }: Stored): Promise<SparseMap> {
  if (header.sparse !== undefined) {
    const stored = [...header.sparse.entries]
    for (let more = header.sparse.isContinued; more; ) {
      const block = readSparseBlock(await takeAll(input, BLOCK_BYTES))
      stored.push(...block.entries)
      more = block.isContinued
      expectFew(stored)
    }
    return checked({ stored, realBytes: header.sparse.realBytes, mapBytes: 0 }, storedBytes)
  }
  const realBytes = Number(extra['GNU.sparse.realsize'] ?? extra['GNU.sparse.size'] ?? storedBytes)
  if (extra['GNU.sparse.major'] === '1') return checked(await mapInData(input, realBytes), storedBytes)
  const inline = extra['GNU.sparse.map']
  if (inline !== undefined) return checked({ stored: pairs(inline.split(',')), realBytes, mapBytes: 0 }, storedBytes)
  return { stored: [{ offset: 0, bytes: storedBytes }], realBytes: storedBytes, mapBytes: 0 }
}

/**
 * Reads a sparse map of format 1.0 from the start of the data. The map has one number on each line; the first is the
 * count of pairs.
 */
async function mapInData(input: ByteReader, realBytes: number): Promise<SparseMap> {
  let [text, mapBytes] = ['', 0]
  for (;;) {
    text += Buffer.from(await takeAll(input, BLOCK_BYTES)).toString('latin1')
    mapBytes += BLOCK_BYTES
    const [count = '', ...numbers] = text.split('\n')
    const wanted = Number(count) * 2
    if (!Number.isSafeInteger(wanted) || mapBytes > LARGEST_RECORD_BYTES) throw damagedTar('a sparse map is damaged')
    // The last part is complete only when its line has ended.
    if (numbers.length > wanted) return { stored: pairs(numbers.slice(0, wanted)), realBytes, mapBytes }
  }
}

function pairs(numbers: readonly string[]): readonly Hole[] {
  const found: Hole[] = []
  for (let index = 0; index + 1 < numbers.length; index += 2)
    found.push({ offset: Number(numbers[index]), bytes: Number(numbers[index + 1]) })
  return found
}

/** Checks the map: offsets ascend, spans stay within the file, and their sizes add up to the stored bytes. */
function checked(map: SparseMap, storedBytes: number): SparseMap {
  let [end, sum] = [0, 0]
  for (const { offset, bytes } of map.stored) {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(bytes) || offset < end || bytes < 0)
      throw damagedTar('a sparse map is damaged')
    end = offset + bytes
    sum += bytes
  }
  if (end > map.realBytes || !Number.isSafeInteger(map.realBytes) || sum !== storedBytes - map.mapBytes)
    throw damagedTar('a sparse map is damaged')
  return map
}

function expectFew(entries: readonly unknown[]): void {
  if (entries.length > LARGEST_RECORD_BYTES / 8) throw damagedTar('a sparse map is too long')
}

async function* withHoles(
  stored: readonly Hole[],
  realBytes: number,
  data: (bytes: number) => AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let position = 0
  for (const { offset, bytes } of stored) {
    yield* zeros(offset - position)
    yield* data(bytes)
    position = offset + bytes
  }
  yield* zeros(realBytes - position)
}

function* zeros(bytes: number): Generator<Uint8Array> {
  for (let left = bytes; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, Math.min(left, ZEROS.length))
}

async function takeAll(input: ByteReader, bytes: number): Promise<Uint8Array> {
  const taken = await input.take(bytes)
  if (taken.length < bytes) throw damagedTar('it is truncated')
  return taken
}

function paddingOf(bytes: number): number {
  return (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES
}

function damagedTar(how: string): ProvisionError {
  return new ProvisionError('IMAGE', `The tar archive cannot be read: ${how}.`, {
    hint: 'If its digest was correct, the vendor published a damaged file: use another build, or report it to the vendor.',
  })
}
