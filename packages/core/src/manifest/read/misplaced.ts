// Finds keys that are on the same level as the key they belong under, because of wrong indentation.
import { isNamed, type JsonSchema, keysOf, schemasBelow } from './json-schema.ts'
import { positionOf } from './place.ts'
import type { ManifestProblem } from './read-yaml.ts'
import type { Entry, MapTree, Tree } from './tree.ts'

export interface Replaced {
  /** The document as it was meant. */
  readonly tree: MapTree
  readonly problems: readonly ManifestProblem[]
}

/** Moves keys that follow an empty key under it if they belong there, and reports them. */
export function replaceMisplaced(tree: MapTree, schema: JsonSchema): Replaced {
  const problems: ManifestProblem[] = []
  return { tree: repair(tree, [schema], problems) as MapTree, problems }
}

function repair(tree: Tree, schemas: readonly JsonSchema[], problems: ManifestProblem[]): Tree {
  if (schemas.length === 0 || tree.kind === 'scalar') return tree
  if (tree.kind === 'list') {
    return { ...tree, items: tree.items.map((item, index) => repair(item, schemasBelow(schemas, index), problems)) }
  }
  const entries = new Map<string, Entry>()
  let empty: { readonly key: string; readonly taken: [string, Entry][] } | undefined
  const settle = () => {
    if (empty === undefined || empty.taken.length === 0) return
    problems.push(misplaced(empty.key, empty.taken))
    const own = entries.get(empty.key)
    if (own !== undefined)
      entries.set(empty.key, { ...own, value: { kind: 'map', entries: new Map(empty.taken), place: own.place } })
  }
  for (const [key, entry] of tree.entries) {
    if (empty !== undefined && belongsUnder(empty.key, [key, entry], schemas)) {
      empty.taken.push([key, entry])
      continue
    }
    entries.set(key, entry)
    if (isEmpty(entry.value)) {
      settle()
      empty = { key, taken: [] }
    }
  }
  settle()
  const repaired = [...entries].map(([key, entry]): [string, Entry] => [
    key,
    { ...entry, value: repair(entry.value, schemasBelow(schemas, key), problems) },
  ])
  return { ...tree, entries: new Map(repaired) }
}

/** Returns true if the key is valid under the empty key and not valid beside it. */
function belongsUnder(
  empty: string,
  [key, { value }]: readonly [string, Entry],
  schemas: readonly JsonSchema[],
): boolean {
  const below = schemasBelow(schemas, empty)
  if (!keysOf(below).includes(key)) return false
  if (keysOf(schemas).includes(key)) return false
  if (!isNamed(schemas) || value.kind !== 'map') return true
  // A machine may be named `network`. Then its value has keys of a machine.
  const [asEntry, asKey] = [keysOf(below), keysOf(schemasBelow(below, key))]
  const own = [...value.entries.keys()]
  return own.length > 0 && own.every((inner) => asKey.includes(inner)) && !own.every((inner) => asEntry.includes(inner))
}

function isEmpty(tree: Tree): boolean {
  return tree.kind === 'scalar' ? tree.value === null : tree.kind === 'map' && tree.entries.size === 0
}

function misplaced(under: string, taken: readonly (readonly [string, Entry])[]): ManifestProblem {
  const [first, ...others] = taken
  const names = taken.slice(0, 3).map(([key]) => `\`${key}\``)
  const more = taken.length > 3 ? ` and ${taken.length - 3} more` : ''
  const place = first === undefined ? { file: '', line: 1, column: 1 } : positionOf(first[1].place)
  const message =
    others.length === 0
      ? `${names[0]} is beside \`${under}\` but belongs below it: indent it by two more spaces.`
      : `${names.join(', ')}${more} are beside \`${under}\` but belong below it: indent them by two more spaces.`
  return { ...place, message }
}
