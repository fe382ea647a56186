// A document as a tree with the position of each key and value. Aliases and merge keys are resolved.
import type { Place } from './place.ts'

export type Tree = MapTree | ListTree | ScalarTree

export interface MapTree {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, Entry>
  readonly place: Place
}

export interface Entry {
  /** Position of the key. */
  readonly place: Place
  readonly value: Tree
}

export interface ListTree {
  readonly kind: 'list'
  readonly items: readonly Tree[]
  readonly place: Place
}

export type Scalar = string | number | boolean | null

export interface ScalarTree {
  readonly kind: 'scalar'
  readonly value: Scalar
  readonly place: Place
  /** The original text, if the value was a parameter and was read as a number or another type. */
  readonly asText?: string
  /** The value is a parameter that is not set, so it is unknown. */
  readonly isUnknown?: boolean
}

/** Path of a value within a document. */
export type ManifestPath = readonly (string | number)[]

/** Returns the value at a path, or undefined if there is none. */
export function treeAt(tree: Tree, path: readonly PropertyKey[]): Tree | undefined {
  let at: Tree | undefined = tree
  for (const key of path) at = at && childOf(at, key)
  return at
}

function childOf(tree: Tree, key: PropertyKey): Tree | undefined {
  if (tree.kind === 'map') return tree.entries.get(String(key))?.value
  return tree.kind === 'list' ? tree.items[Number(key)] : undefined
}

/** Returns the position of the value at a path. If it is missing, returns the key of its nearest parent. */
export function placeOfValue(tree: Tree, path: readonly PropertyKey[]): Place {
  return placeIn(tree, path, false)
}

/** Returns the position of the key at a path. */
export function placeOfKey(tree: Tree, path: readonly PropertyKey[]): Place {
  return placeIn(tree, path, true)
}

function placeIn(tree: Tree, path: readonly PropertyKey[], ofKey: boolean): Place {
  let at = tree
  let place = tree.place
  for (const [index, key] of path.entries()) {
    const entry: Entry | undefined = at.kind === 'map' ? at.entries.get(String(key)) : undefined
    const child = entry?.value ?? childOf(at, key)
    if (child === undefined) return place
    const isLast = index === path.length - 1
    // A missing value gets the position of its parent's key. An existing value has its own position.
    place = isLast && !ofKey ? child.place : (entry?.place ?? child.place)
    at = child
  }
  return place
}

/** Converts a tree to a plain value. */
export function toValue(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value
  if (tree.kind === 'list') return tree.items.map(toValue)
  const result: Record<string, unknown> = {}
  for (const [key, { value }] of tree.entries) {
    // `__proto__` is an ordinary key, as in JSON.parse. Defining every key this way would be slow.
    if (key === '__proto__')
      Object.defineProperty(result, key, {
        value: toValue(value),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    else result[key] = toValue(value)
  }
  return result
}

/** Returns the document with the original text of the parameters at these paths, or undefined if there are none. */
export function withText(tree: MapTree, paths: readonly (readonly PropertyKey[])[]): MapTree | undefined {
  const texts = new Set<Tree>()
  for (const path of paths) {
    const at = treeAt(tree, path)
    if (at?.kind === 'scalar' && at.asText !== undefined) texts.add(at)
  }
  return texts.size === 0 ? undefined : (asTexts(tree, texts) as MapTree)
}

function asTexts(tree: Tree, texts: ReadonlySet<Tree>): Tree {
  if (tree.kind === 'scalar')
    return texts.has(tree) && tree.asText !== undefined ? { ...tree, value: tree.asText } : tree
  if (tree.kind === 'list') return { ...tree, items: tree.items.map((item) => asTexts(item, texts)) }
  const entries = [...tree.entries].map(([key, entry]): [string, Entry] => [
    key,
    { ...entry, value: asTexts(entry.value, texts) },
  ])
  return { ...tree, entries: new Map(entries) }
}
