// One block of bzip2: Huffman codes, move to front, Burrows-Wheeler backwards, run lengths; every bound is checked.
//
// Our own, for want of a library: those on npm decode a whole file at once or gather a block, 46 MB where it holds
// zeros, byte by byte in an array (unbzip2-stream 1.4.3 took 1.4 GiB and 17 s for 500 MB of zeros; this 90 MiB and 2 s).
import type { BitQueue } from './bit-queue.ts'

export interface Block {
  /** @throws Error when their CRC is not the promised one */
  bytes(): Generator<Uint8Array>
  readonly crc: number
}

const LONGEST_CODE = 20
const CODES_PER_SELECTOR = 50
const CHUNK_BYTES = 256 * 1024

/** Reads a block behind its magic number; `space` has room for as many bytes as a block may hold. @throws Error */
export function readBlock(bits: BitQueue, space: Uint32Array): Block {
  const crc = readCrc(bits)
  if (bits.read(1) === 1) throw new Error('Unsupported options: a block of bzip2 before 0.9.5')
  const origin = bits.read(24)
  const alphabet = readAlphabet(bits)
  const length = readSymbols(bits, alphabet, space)
  if (origin >= length) throw new Error('The first row is outside its block.')
  linkRows(space, length)
  return { crc, bytes: () => unrolled({ space, length, origin, crc }) }
}

export function readCrc(bits: BitQueue): number {
  return (bits.read(16) << 16) | bits.read(16)
}

/** Bytes that occur, in ascending order: a map of sixteen ranges, and a map for each range that is used. */
function readAlphabet(bits: BitQueue): Uint8Array {
  const ranges = bits.read(16)
  const used: number[] = []
  for (let range = 0; range < 16; range += 1) {
    const map = (ranges >> (15 - range)) & 1 ? bits.read(16) : 0
    for (let low = 0; low < 16; low += 1) if ((map >> (15 - low)) & 1) used.push(range * 16 + low)
  }
  if (used.length === 0) throw new Error('A block without bytes.')
  return Uint8Array.from(used)
}

/** Bytes in the order of the sorted rows, into the low bits of `space`; how many there are. */
function readSymbols(bits: BitQueue, alphabet: Uint8Array, space: Uint32Array): number {
  const nextSymbol = readCodes(bits, alphabet.length + 2)
  const end = alphabet.length + 1
  const recent = alphabet.slice()
  let length = 0
  /** Two symbols are the digits of a run's length, least significant first. */
  let [run, weight] = [0, 1]
  for (let symbol = nextSymbol(); ; symbol = nextSymbol()) {
    if (symbol < 2) {
      run += weight << symbol
      weight *= 2
      if (run > space.length - length) throw new Error('A run is longer than its block.')
      continue
    }
    if (run > 0) space.fill(recent[0] ?? 0, length, length + run)
    length += run
    ;[run, weight] = [0, 1]
    if (symbol === end) return length
    if (length === space.length) throw new Error('A block is longer than it may be.')
    const byte = recent[symbol - 1] ?? 0
    recent.copyWithin(1, 0, symbol - 1)
    recent[0] = byte
    space[length] = byte
    length += 1
  }
}

/** A function that reads one symbol after the other, with the code that is in force for each fifty of them. */
function readCodes(bits: BitQueue, symbols: number): () => number {
  const count = bits.read(3)
  if (count < 2 || count > 6) throw new Error('A block has two to six codes.')
  const selectors = readSelectors(bits, count)
  const codes = Array.from({ length: count }, () => readCode(bits, symbols))
  let read: () => number = () => 0
  let [index, left] = [0, 0]
  return () => {
    if (left === 0) {
      const code = codes[selectors[index] ?? count]
      if (code === undefined) throw new Error('A block is longer than its selectors.')
      read = code
      index += 1
      left = CODES_PER_SELECTOR
    }
    left -= 1
    return read()
  }
}

function readSelectors(bits: BitQueue, codes: number): Uint8Array {
  const selectors = new Uint8Array(bits.read(15))
  const recent = Uint8Array.from({ length: codes }, (_, code) => code)
  for (let index = 0; index < selectors.length; index += 1) {
    let position = 0
    while (bits.read(1) === 1) position += 1
    const code = recent[position]
    if (code === undefined) throw new Error('A selector of a code that is not there.')
    recent.copyWithin(1, 0, position)
    recent[0] = code
    selectors[index] = code
  }
  return selectors
}

/** A canonical code: `lasts` has the last code of each length, and `offsets` where its symbols begin in `sorted`. */
function readCode(bits: BitQueue, symbols: number): () => number {
  const lengths = readLengths(bits, symbols)
  const sorted = Uint16Array.from(lengths.keys()).sort((one, other) => (lengths[one] ?? 0) - (lengths[other] ?? 0))
  const lasts = new Int32Array(LONGEST_CODE + 1).fill(-1)
  const offsets = new Int32Array(LONGEST_CODE + 1)
  let [code, index] = [0, 0]
  for (let length = 1; length <= LONGEST_CODE; length += 1) {
    offsets[length] = index - code
    while (lengths[sorted[index] ?? symbols] === length) [code, index] = [code + 1, index + 1]
    if (code > 1 << length) throw new Error('A code has too many words.')
    lasts[length] = code - 1
    code *= 2
  }
  const shortest = lengths[sorted[0] ?? 0] ?? 1
  return () => {
    const ahead = bits.peek(LONGEST_CODE)
    for (let length = shortest; length <= LONGEST_CODE; length += 1) {
      const word = ahead >>> (LONGEST_CODE - length)
      if (word > (lasts[length] ?? -1)) continue
      bits.skip(length)
      return sorted[word + (offsets[length] ?? 0)] ?? 0
    }
    throw new Error('A word that is in no code.')
  }
}

/** The first outright, each further one as steps up and down from the one before. */
function readLengths(bits: BitQueue, symbols: number): Uint8Array {
  const lengths = new Uint8Array(symbols)
  let length = bits.read(5)
  for (let symbol = 0; symbol < symbols; symbol += 1) {
    while (bits.read(1) === 1) length += bits.read(1) === 1 ? -1 : 1
    if (length < 1 || length > LONGEST_CODE) throw new Error('A word is too short or too long.')
    lengths[symbol] = length
  }
  return lengths
}

/** Above each byte, the row that comes after its row: rows that end in a byte are in the order of those that begin so. */
function linkRows(space: Uint32Array, length: number): void {
  const next = new Uint32Array(256)
  for (let row = 0; row < length; row += 1) next[(space[row] ?? 0) & 255] = (next[(space[row] ?? 0) & 255] ?? 0) + 1
  let sum = 0
  for (let byte = 0; byte < 256; byte += 1) {
    const count = next[byte] ?? 0
    next[byte] = sum
    sum += count
  }
  for (let row = 0; row < length; row += 1) {
    const byte = (space[row] ?? 0) & 255
    const place = next[byte] ?? 0
    space[place] = (space[place] ?? 0) | (row << 8)
    next[byte] = place + 1
  }
}

interface Rows {
  readonly space: Uint32Array
  readonly length: number
  readonly origin: number
  readonly crc: number
}

/** Follows the rows; four equal bytes are followed by how many more there are. */
function* unrolled({ space, length, origin, crc: promised }: Rows): Generator<Uint8Array> {
  let chunk = new Uint8Array(CHUNK_BYTES)
  let row = (space[origin] ?? 0) >>> 8
  let [filled, crc, previous, same] = [0, -1, -1, 0]
  for (let index = 0; index < length; index += 1) {
    const entry = space[row] ?? 0
    const byte = entry & 255
    row = entry >>> 8
    const isCount = same === 4
    const [value, times] = isCount ? [previous, byte] : [byte, 1]
    same = isCount ? 0 : byte === previous ? same + 1 : 1
    if (!isCount) previous = byte
    for (let time = 0; time < times; time += 1) {
      crc = (crc << 8) ^ (CRC[(crc >>> 24) ^ value] ?? 0)
      chunk[filled] = value
      filled += 1
    }
    if (filled > CHUNK_BYTES - 256) {
      yield chunk.subarray(0, filled)
      chunk = new Uint8Array(CHUNK_BYTES)
      filled = 0
    }
  }
  if ((crc ^ -1) !== promised) throw new Error('The bytes of a block do not have its CRC.')
  yield chunk.subarray(0, filled)
}

const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1
  return crc
})
