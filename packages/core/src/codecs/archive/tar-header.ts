// One header block of a tar archive (POSIX.1-1988 ustar, and GNU's old format of sparse files).

export interface TarHeader {
  readonly name: string
  /** The type's character: `0` a file, `5` a folder, `x` pax records, `L` a long name, `S` a sparse file. */
  readonly type: string
  /** Of what is stored behind the header. */
  readonly sizeBytes: number
  readonly sparse?: SparseHeader
}

/** A stretch of a sparse file whose bytes are stored. */
export interface Hole {
  readonly offset: number
  readonly bytes: number
}

interface SparseHeader {
  readonly entries: readonly Hole[]
  /** Further blocks with entries follow. */
  readonly isContinued: boolean
  readonly realBytes: number
}

const [NAME_BYTES, PREFIX_AT, PREFIX_BYTES] = [100, 345, 155]
const [SIZE_AT, CHECKSUM_AT, TYPE_AT, MAGIC_AT] = [124, 148, 156, 257]
const NUMBER_BYTES = 12
const [SPARSE_AT, SPARSE_ENTRIES, SPARSE_MORE_AT, SPARSE_SIZE_AT] = [386, 4, 482, 483]
const [MORE_ENTRIES, MORE_MORE_AT] = [21, 504]

/** Undefined when the checksum says that it is none. */
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

/** A block of further entries. */
export function readSparseBlock(block: Uint8Array): Omit<SparseHeader, 'realBytes'> {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength)
  return { entries: entriesAt(bytes, 0, MORE_ENTRIES), isContinued: bytes[MORE_MORE_AT] !== 0 }
}

function entriesAt(bytes: Buffer, from: number, count: number): readonly Hole[] {
  const found: Hole[] = []
  for (let index = 0; index < count; index += 1) {
    const at = from + index * 2 * NUMBER_BYTES
    // An entry that was never filled in ends the list.
    if (bytes[at] === 0) break
    found.push({ offset: numberAt(bytes, at, NUMBER_BYTES), bytes: numberAt(bytes, at + NUMBER_BYTES, NUMBER_BYTES) })
  }
  return found
}

/** Octal digits, or with the first bit set the number itself; NaN for anything else. */
function numberAt(bytes: Buffer, at: number, length: number): number {
  const field = bytes.subarray(at, at + length)
  if (((field[0] ?? 0) & 0x80) === 0) {
    const digits = field.toString('latin1').replace(/\0.*$/s, '').trim()
    return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN
  }
  return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, (field[0] ?? 0) & 0x7f)
}

/** The sum of all bytes, those of the checksum itself counted as blanks. */
function checksumOf(bytes: Buffer): number {
  return bytes.reduce((sum, byte, at) => sum + (at >= CHECKSUM_AT && at < CHECKSUM_AT + 8 ? 0x20 : byte), 0)
}

function textAt(bytes: Buffer, at: number, length: number): string {
  return bytes.toString('utf8', at, at + length).replace(/\0.*$/s, '')
}
