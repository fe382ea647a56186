// Sentences on narrow terminals are wrapped at words, never inside one.
import { describe, expect, it } from 'vitest'
import { hanging, wrap } from '../../src/text/wrap.ts'

describe('wrap', () => {
  it('fills lines with whole words', () => expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']))
  it('does not split a word that is wider than the terminal', () =>
    expect(wrap('see https://example.org/long', 10)).toEqual(['see', 'https://example.org/long']))
  it('does not wrap a line without a terminal', () =>
    expect(wrap('one two', Number.POSITIVE_INFINITY)).toEqual(['one two']))
})

describe('hanging', () => {
  it('indents all lines except the first, and stays within the width', () => {
    const lines = hanging('The manifest pve-provision.yaml does not exist here.', 24)
    expect(lines).toEqual(['The manifest', '  pve-provision.yaml', '  does not exist here.'])
    expect(lines.every((line) => line.length <= 24)).toBe(true)
  })
  it('keeps spaces at the beginning', () =>
    expect(hanging('  → Set one of these two.', 16, 4)).toEqual(['  → Set one of', '    these two.']))
})
