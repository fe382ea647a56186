import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { candidateRank, candidateVmids } from '../../../src/facts/cluster/candidates.ts'

const range = fc
  .tuple(fc.integer({ min: 100, max: 999_999 }), fc.integer({ min: 0, max: 400 }))
  .map(([from, more]) => ({ from, to: from + more }))

describe('candidateVmids', () => {
  it('covers the whole range, each ID once', () => {
    fc.assert(
      fc.property(fc.string(), range, (name, { from, to }) => {
        const ids = [...candidateVmids('lab', name, { from, to })]
        expect(ids.toSorted((one, other) => one - other)).toEqual(
          Array.from({ length: to - from + 1 }, (_, index) => from + index),
        )
      }),
    )
  })

  it('is the same in every run, and differs for another name or project', () => {
    const first = (project: string, name: string) =>
      [...candidateVmids(project, name, { from: 20_000, to: 29_999 })].slice(0, 3)
    expect(first('lab', 'web')).toEqual(first('lab', 'web'))
    expect(first('lab', 'web')).not.toEqual(first('lab', 'web-2'))
    expect(first('lab', 'web')).not.toEqual(first('home', 'web'))
  })

  it('starts at different IDs: a thousand names share few first IDs', () => {
    const firsts = Array.from(
      { length: 1000 },
      (_, index) => candidateVmids('lab', `worker-${index}`, { from: 20_000, to: 29_999 }).next().value,
    )
    // By chance alone, 952 of 1,000 would differ.
    expect(new Set(firsts).size).toBeGreaterThan(900)
  })
})

describe('candidateRank', () => {
  it('returns the position of an ID in the order', () => {
    fc.assert(
      fc.property(fc.string(), range, (name, bounds) => {
        const ids = [...candidateVmids('lab', name, bounds)]
        for (const [index, vmid] of ids.entries()) {
          expect(candidateRank(vmid, { project: 'lab', name, range: bounds })).toBe(index)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('puts an id outside the range last', () => {
    const question = { project: 'lab', name: 'web', range: { from: 200, to: 299 } }
    expect(candidateRank(199, question)).toBe(Number.POSITIVE_INFINITY)
    expect(candidateRank(300, question)).toBe(Number.POSITIVE_INFINITY)
  })
})
