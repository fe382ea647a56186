// Messages while a drawing is at the bottom of the terminal.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { keepBelow, keepSecret, sayWords } from '../../src/text/output.ts'

afterEach(() => {
  keepBelow(undefined)
  vi.restoreAllMocks()
})

/** Records what happens, in order. */
function watch(): string[] {
  const seen: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => seen.push(String(text)) > 0)
  return seen
}

describe('words', () => {
  it('are printed above the live lines, which are erased and drawn again', () => {
    const seen = watch()
    keepBelow({ lift: () => seen.push('lift'), put: () => seen.push('put') })
    sayWords('Stopping.\n')
    keepBelow(undefined)
    sayWords('Done.\n')
    expect(seen).toEqual(['lift', 'Stopping.\n', 'put', 'Done.\n'])
  })

  it('contain no secret', () => {
    const seen = watch()
    keepSecret('s3cret-token', undefined, 'ab')
    sayWords('The token s3cret-token is about nothing.\n')
    expect(seen).toEqual(['The token *** is about nothing.\n'])
  })
})
