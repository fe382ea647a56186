// Which machines a name, an entry or a pattern selects, and what is said about one that selects none.
import { describe, expect, it } from 'vitest'
import { isNamedBy, type Named, select } from '../../src/manifest/select.ts'

const MACHINES: readonly Named[] = [
  { name: 'web', entry: 'web' },
  { name: 'worker-1', entry: 'worker' },
  { name: 'worker-2', entry: 'worker' },
  { name: 'db.v2', entry: 'db.v2', vmid: 107 },
]

const namesOf = (patterns?: readonly string[]) => select(MACHINES, patterns).map(({ name }) => name)

describe('select', () => {
  it.each([
    [undefined, ['web', 'worker-1', 'worker-2', 'db.v2']],
    [[], ['web', 'worker-1', 'worker-2', 'db.v2']],
    [['web'], ['web']],
    [['worker'], ['worker-1', 'worker-2']],
    [['worker-?'], ['worker-1', 'worker-2']],
    [
      ['w*', 'db.v2@107'],
      ['web', 'worker-1', 'worker-2', 'db.v2'],
    ],
    [['db.*'], ['db.v2']],
  ])('%j selects %j', (patterns, names) => {
    expect(namesOf(patterns)).toEqual(names)
  })

  it.each([
    ['wbe', 'Did you mean web?'],
    ['worker-9', 'Did you mean worker-1?'],
    ['webb*', 'Did you mean web?'],
    ['something-else', 'Names you can use: web, worker, db.v2.'],
    ['db?v3', 'Did you mean db.v2?'],
  ])('%s selects none, and the error says what to write instead', (pattern, hint) => {
    expect(() => namesOf([pattern])).toThrow(
      expect.objectContaining({ code: 'USAGE', message: `No machine in the manifest is called ${pattern}.`, hint }),
    )
  })

  it('proposes no VM that has no name yet', () => {
    const fresh = [{ name: '', entry: '' }, ...MACHINES.slice(0, 1)]
    expect(() => select(fresh, ['something-else'])).toThrow(
      expect.objectContaining({ hint: 'Names you can use: web.' }),
    )
    expect(() => select(fresh.slice(0, 1), ['ab'])).toThrow(
      expect.objectContaining({ hint: 'Names you can use: none.' }),
    )
  })
})

describe('isNamedBy', () => {
  it('selects none without patterns', () => {
    expect(MACHINES.filter(isNamedBy([]))).toEqual([])
    expect(MACHINES.filter(isNamedBy(['worker'])).map(({ name }) => name)).toEqual(['worker-1', 'worker-2'])
  })
})
