import { expect, it } from 'vitest'
import { nameList } from '../../src/plan/name-list.ts'

it.each<[string, readonly string[], string]>([
  ['one', ['web'], 'web'],
  ['two of an entry with both their names', ['w-1', 'w-2'], 'w-1, w-2'],
  ['a run', ['w-1', 'w-2', 'w-3'], 'w-1…3'],
  ['a run that begins later, and a gap', ['w-2', 'w-3', 'w-4', 'w-7'], 'w-2…4, w-7'],
  ['names with a leading zero as they are', ['web01', 'web02', 'web03'], 'web01, web02, web03'],
  ['too many parts in a count', ['a', 'b', 'c', 'w-1', 'w-2', 'w-3'], 'a, b, c, w-1…3'],
  ['too many names in a count', ['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
  ['runs beyond the limit with all that is in them', ['a', 'b', 'c', 'd', 'w-1', 'w-2', 'w-3'], 'a, b, c and 4 more'],
])('tells %s', (_, names, text) => {
  expect(nameList(names)).toBe(text)
})
