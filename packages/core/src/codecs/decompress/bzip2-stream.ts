// bzip2 without the program, on one core, over any number of streams, telling garbage and cuts apart.
import { type BitQueue, createBitQueue } from './bit-queue.ts'
import { readBlock, readCrc } from './bzip2-block.ts'
import { damaged } from './damage.ts'

/** "BZ", "h", then the size of blocks as a digit. */
const MAGIC = 0x425a68
const BLOCK = [0x314159, 0x265359] as const
const END = [0x177245, 0x385090] as const
const BLOCK_UNIT_BYTES = 100_000
/** What stands in a block beside its symbols: maps, selectors and the lengths of six codes. */
const TABLES_BYTES = 64 * 1024
/** No symbol takes more than twenty bits. */
const SYMBOL_BYTES = 2.5

/** @throws ProvisionError `IMAGE`; errors of the source as they are */
export async function* bzip2Stream(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = createInput(source)
  try {
    for (let isFirst = true; isFirst || (await input.has(1)); isFirst = false) {
      await input.has(4)
      const level = orDamaged(() => readHeader(input.bits, isFirst))
      yield* blocksOf(input, level * BLOCK_UNIT_BYTES)
    }
  } finally {
    await input.close()
  }
}

async function* blocksOf(input: Input, blockBytes: number): AsyncGenerator<Uint8Array> {
  const { bits } = input
  const space = new Uint32Array(blockBytes)
  let crc = 0
  for (;;) {
    await input.has(blockBytes * SYMBOL_BYTES + TABLES_BYTES)
    const block = orDamaged(() => (isBlock(bits) ? readBlock(bits, space) : undefined))
    if (block === undefined) return orDamaged(() => readEnd(bits, crc))
    const chunks = block.bytes()
    for (;;) {
      const { done, value } = orDamaged(() => chunks.next())
      if (done) break
      yield value
    }
    crc = ((crc << 1) | (crc >>> 31)) ^ block.crc
  }
}

function readHeader(bits: BitQueue, isFirst: boolean): number {
  if (!isFirst && bits.peek(24) !== MAGIC) throw new Error('trailing garbage')
  const level = bits.read(24) === MAGIC ? bits.read(8) - 0x30 : 0
  if (level < 1 || level > 9) throw new Error('No bzip2.')
  return level
}

function isBlock(bits: BitQueue): boolean {
  const magic = [bits.read(24), bits.read(24)]
  const matches = (wanted: readonly number[]) => wanted.every((part, index) => part === magic[index])
  if (!matches(BLOCK) && !matches(END)) throw new Error('Neither a block nor the end of the stream.')
  return matches(BLOCK)
}

function readEnd(bits: BitQueue, crc: number): void {
  if (readCrc(bits) !== crc) throw new Error('The blocks do not have the CRC of their stream.')
  bits.align()
}

function orDamaged<T>(action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw damaged('bzip2', error)
  }
}

interface Input {
  readonly bits: BitQueue
  /** Reads on until so many bytes are there, or the source has no more. */
  has(bytes: number): Promise<boolean>
  close(): Promise<unknown> | undefined
}

function createInput(source: AsyncIterable<Uint8Array>): Input {
  const iterator = source[Symbol.asyncIterator]()
  const bits = createBitQueue()
  let isEnded = false
  return {
    bits,
    close: () => iterator.return?.(),
    async has(bytes) {
      while (!isEnded && bits.bytesLeft() < bytes) {
        const { done, value } = await iterator.next()
        if (done) isEnded = true
        else bits.push(value)
      }
      return bits.bytesLeft() >= bytes
    },
  }
}
