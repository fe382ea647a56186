// Merges several files into one document. Later files override earlier ones.
import type { Entry, MapTree, Tree } from './tree.ts'

/** Mappings merge key by key. Lists and single values of a later file replace those of an earlier one. */
export function mergeFiles(trees: readonly [MapTree, ...MapTree[]]): MapTree {
  const [first, ...others] = trees
  return others.reduce((below, above) => mergeMaps(below, above), first)
}

function mergeMaps(below: MapTree, above: MapTree): MapTree {
  const entries = new Map(below.entries)
  for (const [key, entry] of above.entries) {
    const under = entries.get(key)
    entries.set(key, under === undefined ? entry : mergeEntries(under, entry))
  }
  return { ...below, entries }
}

function mergeEntries(below: Entry, above: Entry): Entry {
  if (below.value.kind !== 'map') return above
  if (above.value.kind === 'map') return { ...above, value: mergeMaps(below.value, above.value) }
  // `web:` without a value changes nothing that an earlier file states.
  return isEmpty(above.value) ? below : above
}

function isEmpty(tree: Tree): boolean {
  return tree.kind === 'scalar' && tree.value === null
}

/** Removes top-level keys that begin with `x-`, which users may use for anchors. */
export function withoutExtensions(tree: MapTree): MapTree {
  return { ...tree, entries: new Map([...tree.entries].filter(([key]) => !key.startsWith('x-'))) }
}

const MAPPINGS = new Set(['vms', 'images', 'defaults', 'profiles', 'limits', 'vars'])
const NAMED = new Set(['vms', 'images', 'profiles'])
const INNER = new Set(['cloudInit', 'storage', 'startOrder', 'dns', 'smbios', 'rollout', 'build'])

/** A key without a value, where a mapping is expected, counts as an empty mapping: `web:`. */
export function withEmptyMappings(tree: MapTree): MapTree {
  return mapEntries(tree, (key, { value }) => {
    if (!MAPPINGS.has(key)) return value
    if (isEmpty(value)) return emptyAt(value)
    if (value.kind !== 'map') return value
    if (key === 'defaults') return withInner(value)
    return NAMED.has(key) ? mapEntries(value, (_, entry) => named(entry.value)) : value
  })
}

function named(tree: Tree): Tree {
  if (isEmpty(tree)) return emptyAt(tree)
  return tree.kind === 'map' ? withInner(tree) : tree
}

function withInner(tree: MapTree): MapTree {
  return mapEntries(tree, (key, { value }) => {
    if (!INNER.has(key)) return value
    if (isEmpty(value)) return emptyAt(value)
    return value.kind === 'map' ? withInner(value) : value
  })
}

function mapEntries(tree: MapTree, change: (key: string, entry: Entry) => Tree): MapTree {
  return {
    ...tree,
    entries: new Map([...tree.entries].map(([key, entry]) => [key, { ...entry, value: change(key, entry) }])),
  }
}

function emptyAt({ place }: Tree): MapTree {
  return { kind: 'map', entries: new Map(), place }
}
