// Sizes that users can copy into a manifest.
import { describe, expect, it } from 'vitest'
import { sizeText } from '../../../src/plan/config/size-text.ts'

const MIB = 1024 ** 2

describe('sizeText', () => {
  it.each([
    [10 * MIB, '10 MiB'],
    [1024 * MIB, '1 GiB'],
    [2252 * MIB, '2252 MiB'],
    [2048 * 1024 * MIB, '2 TiB'],
    [10 * MIB + 1, '11 MiB'],
    [0, '0 MiB'],
  ])('writes %d bytes as %s', (bytes, text) => expect(sizeText(bytes)).toBe(text))
})
