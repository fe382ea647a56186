// Parses header blocks of tar archives: POSIX.1-1988 ustar and GNU's old sparse format.

export interface TarHeader {
  readonly name: string
  /** The type flag: `0` file, `5` directory, `x` pax records, `L` long name, `S` sparse file. */
  readonly type: string
  /** Size of the data stored after the header. */
  readonly sizeBytes: number
  readonly sparse?: SparseHeader
}

/** A span of a sparse file whose bytes are stored in the archive. */
export interface Hole {
  readonly offset: number
  readonly bytes: number
}

interface SparseHeader {
  readonly entries: readonly Hole[]
  /** True if further blocks with sparse entries follow. */
  readonly isContinued: boolean
  readonly realBytes: number
}

const [NAME_BYTES, PREFIX_AT, PREFIX_BYTES] = [100, 345, 155]
const [SIZE_AT, CHECKSUM_AT, TYPE_AT, MAGIC_AT] = [124, 148, 156, 257]
const NUMBER_BYTES = 12
const [SPARSE_AT, SPARSE_ENTRIES, SPARSE_MORE_AT, SPARSE_SIZE_AT] = [386, 4, 482, 483]
const [MORE_ENTRIES, MORE_MORE_AT] = [21, 504]

/** Parses a header block. Returns undefined if the checksum does not match. */
export function readHeader(block: Uint8Array): TarHeader | undefined {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength)
  if (numberAt(bytes, CHECKSUM_AT, 8) !== checksumOf(bytes)) return undefined
  const isPosix = bytes.toString('latin1', MAGIC_AT, MAGIC_AT + 6) === 'ustar\0'
  const prefix = isPosix ? textAt(bytes, PREFIX_AT, PREFIX_BYTES) : ''
  const name = textAt(bytes, 0, NAME_BYTES)
  const type = String.fromCharCode(bytes[TYPE_AT] ?? 0)
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type,
    sizeBytes: numberAt(bytes, SIZE_AT, NUMBER_BYTES),
    ...(type === 'S' && { sparse: sparseOf(bytes) }),
  }
}

function sparseOf(bytes: Buffer): SparseHeader {
  return {
    entries: entriesAt(bytes, SPARSE_AT, SPARSE_ENTRIES),
    isContinued: bytes[SPARSE_MORE_AT] !== 0,
    realBytes: numberAt(bytes, SPARSE_SIZE_AT, NUMBER_BYTES),
  }
}

/** Parses a block of further sparse entries. */
export function readSparseBlock(block: Uint8Array): Omit<SparseHeader, 'realBytes'> {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength)
  return { entries: entriesAt(bytes, 0, MORE_ENTRIES), isContinued: bytes[MORE_MORE_AT] !== 0 }
}

function entriesAt(bytes: Buffer, from: number, count: number): readonly Hole[] {
  const found: Hole[] = []
  for (let index = 0; index < count; index += 1) {
    const at = from + index * 2 * NUMBER_BYTES
    // An unused entry ends the list.
    if (bytes[at] === 0) break
    found.push({ offset: numberAt(bytes, at, NUMBER_BYTES), bytes: numberAt(bytes, at + NUMBER_BYTES, NUMBER_BYTES) })
  }
  return found
}

/** Reads a number field: octal digits, or a binary number if the first bit is set. Returns NaN for anything else. */
function numberAt(bytes: Buffer, at: number, length: number): number {
  const field = bytes.subarray(at, at + length)
  if (((field[0] ?? 0) & 0x80) === 0) {
    const digits = field.toString('latin1').replace(/\0.*$/s, '').trim()
    return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN
  }
  return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, (field[0] ?? 0) & 0x7f)
}

/** The sum of all header bytes, with the checksum field counted as spaces. */
function checksumOf(bytes: Buffer): number {
  return bytes.reduce((sum, byte, at) => sum + (at >= CHECKSUM_AT && at < CHECKSUM_AT + 8 ? 0x20 : byte), 0)
}

function textAt(bytes: Buffer, at: number, length: number): string {
  return bytes.toString('utf8', at, at + length).replace(/\0.*$/s, '')
}
