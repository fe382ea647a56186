import { randomBytes } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createZstdFrame } from '../../../src/codecs/decompress/zstd-frame.ts'

function isWhole(bytes: Uint8Array, pieceBytes = bytes.length): boolean {
  const frame = createZstdFrame()
  for (let at = 0; at < bytes.length; at += pieceBytes) frame.push(bytes.subarray(at, at + pieceBytes))
  return frame.isWhole()
}

const withChecksum = { params: { [constants.ZSTD_c_checksumFlag]: 1 } }
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])

const FRAMES: readonly (readonly [string, Buffer])[] = [
  ['of nothing', zstdCompressSync(Buffer.alloc(0))],
  ['of a few bytes', zstdCompressSync(Buffer.from('a few bytes'))],
  ['of zeros, as blocks of one repeated byte', zstdCompressSync(Buffer.alloc(300_000))],
  ['of random bytes, as raw blocks', zstdCompressSync(randomBytes(300_000))],
  ['of text, as packed blocks', zstdCompressSync(Buffer.from('to and fro. '.repeat(20_000)))],
  ['with a checksum', zstdCompressSync(Buffer.from('a few bytes'), withChecksum)],
  ['that is to be skipped', skippable],
]

describe('a zstd frame', () => {
  it.each(FRAMES)('%s is complete at its last byte and not before, in pieces of any size', (_, frame) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: frame.length }), fc.integer({ min: 1, max: 70_000 }), (cut, pieceBytes) => {
        expect(isWhole(frame, pieceBytes)).toBe(true)
        expect(isWhole(frame.subarray(0, frame.length - cut), pieceBytes)).toBe(false)
      }),
      { numRuns: 50, examples: [[1, 1_000]] },
    )
  })

  it('is not complete before its first byte', () => {
    expect(createZstdFrame().isWhole()).toBe(false)
  })
})
