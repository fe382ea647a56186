// Parses YAML into a tree with positions, so that each problem has its line and column. It takes linear time.
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  Scalar,
  type YAMLMap,
} from 'yaml'
import { ProvisionError } from '../../errors.ts'
import type { Position } from '../manifest.ts'
import { decodeText } from './decode-text.ts'
import { type Place, positionOf } from './place.ts'
import { syntaxProblems, TOO_DEEP } from './syntax.ts'
import type { Entry, MapTree, ScalarTree, Tree } from './tree.ts'

export interface YamlSource {
  /** Bytes are decoded as UTF-8, with or without a byte order mark. */
  readonly text: string | Uint8Array
  /** The file's name in problems. */
  readonly file: string
  /** The file's name in markers, equal for all copies of it. Absent if it has no lasting name. */
  readonly identity?: string | undefined
  /**
   * True if the whole folder belongs to the manifest. Then a file that was deleted there does not belong to another
   * manifest.
   */
  readonly isFromFolder?: boolean | undefined
}

/** A problem in a file. */
export interface ManifestProblem extends Position {
  readonly message: string
}

/**
 * Parses a mapping.
 * @throws ProvisionError `MANIFEST` if the text is not YAML, or not a mapping; then `expectation` says what it should
 * be
 */
export function readYaml(source: YamlSource, expectation: string): MapTree {
  const { tree, problems } = parseYaml(source, expectation)
  if (tree === undefined || problems.length > 0) throw refusal([source.file], problems)
  return tree
}

export interface ParsedYaml {
  readonly tree?: MapTree
  readonly problems: readonly ManifestProblem[]
}

/** Like `readYaml`, but returns the problems, so that those of several files can be reported together. */
export function parseYaml({ text: given, file }: YamlSource, expectation: string): ParsedYaml {
  const decoded = decodeText(given)
  if (decoded.problem !== undefined) return { problems: [{ file, ...decoded.problem }] }
  const { text } = decoded
  const lines = new LineCounter()
  const at = (offset: number): Place => ({ file, offset, lines })
  const document = parseSafely(text, lines)
  if (document === undefined) return { problems: [{ ...positionOf(at(0)), message: TOO_DEEP }] }
  const broken = syntaxProblems(text, document.errors).map(({ offset, message }) => ({
    ...positionOf(at(offset)),
    message,
  }))
  if (broken.length > 0) return { problems: broken }
  const reader = new TreeReader(at)
  const tree = reader.read(document.contents)
  if (document.contents === null && text.trim() === '')
    return { problems: [{ ...positionOf(at(0)), message: `The file is empty. ${expectation}` }] }
  if (tree.kind === 'map') return reader.problems.length > 0 ? { problems: reader.problems } : { tree, problems: [] }
  return { problems: [...reader.problems, { ...positionOf(at(0)), message: expectation }].slice(0, 1) }
}

const DEEPEST = 64

/**
 * Does not let the parser look for duplicate keys, because it compares each key with all before it. `TreeReader` finds
 * them.
 */
function parseSafely(text: string, lineCounter: LineCounter) {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false })
  } catch (thrown) {
    // The parser is recursive, so deep nesting overflows the stack.
    if (thrown instanceof RangeError) return undefined
    throw thrown
  }
}

/** Limit for the number of values after aliases are resolved. A value counts each time an alias refers to it. */
const MOST_VALUES = 500_000
const TOO_MANY = 'The aliases (`*name`) here expand this file to more than 500,000 values.'

/** Creates the tree of one document, resolves aliases and merge keys, and finds duplicate keys. */
class TreeReader {
  readonly problems: ManifestProblem[] = []
  readonly #at: (offset: number) => Place
  readonly #anchors = new Map<string, Tree>()
  /** Number of values in a tree. A value counts each time an alias refers to it. */
  readonly #sizes = new WeakMap<Tree, number>()
  /** Messages about the whole document, which are reported only once. */
  readonly #said = new Set<string>()

  constructor(at: (offset: number) => Place) {
    this.#at = at
  }

  read(node: unknown, depth = 0): Tree {
    const place = this.#at(offsetOf(node))
    if (depth > DEEPEST) return this.#refuse(place, TOO_DEEP)
    if (isAlias(node)) return this.#resolve(node, place)
    const tree = this.#readOwn(node, depth)
    const { anchor, tag } = (node ?? {}) as { anchor?: string; tag?: string }
    if (anchor !== undefined) this.#anchors.set(anchor, tree)
    if (tag !== undefined && !KNOWN_TAGS.test(tag)) this.#report(place, `The tag \`${tag}\` is not supported here.`)
    return tree
  }

  #readOwn(node: unknown, depth: number): Tree {
    const place = this.#at(offsetOf(node))
    if (isMap(node)) return this.#readMap(node, depth)
    return isSeq(node) ? this.#readList(node.items, { place, depth }) : readScalar(node, place)
  }

  #report(place: Place, message: string): void {
    this.problems.push({ ...positionOf(place), message })
  }

  #refuse(place: Place, message: string): Tree {
    if (!this.#said.has(message)) this.#report(place, message)
    this.#said.add(message)
    return nothing(place)
  }

  #resolve(alias: Alias, place: Place): Tree {
    const tree = this.#anchors.get(alias.source)
    if (tree !== undefined) return tree
    this.#report(place, `There is no anchor \`&${alias.source}\` before this \`*${alias.source}\`.`)
    return nothing(place)
  }

  #readList(items: readonly unknown[], { place, depth }: { readonly place: Place; readonly depth: number }): Tree {
    const trees = items.map((item) => this.read(item, depth + 1))
    return this.#sized({ kind: 'list', items: trees, place }, trees)
  }

  #readMap(node: YAMLMap, depth: number): Tree {
    const entries = new Map<string, Entry>()
    const merged: Tree[] = []
    for (const pair of node.items as readonly Pair[]) {
      const place = this.#at(offsetOf(pair.key))
      const value = pair.value === null ? nothing(place) : this.read(pair.value, depth + 1)
      const key = keyOf(pair.key)
      if (key === undefined) this.#report(place, 'A key must be a string.')
      else if (key === '<<' && isPlain(pair.key)) merged.push(value)
      else this.#addEntry(entries, key, { place, value })
    }
    for (const value of merged) this.#mergeInto(entries, value)
    const trees = [...entries.values()].map(({ value }) => value)
    return this.#sized({ kind: 'map', entries, place: this.#at(offsetOf(node)) }, trees)
  }

  #addEntry(entries: Map<string, Entry>, key: string, entry: Entry): void {
    const first = entries.get(key)
    if (first === undefined) entries.set(key, entry)
    else this.#report(entry.place, `The key \`${key}\` appears twice, first in line ${positionOf(first.place).line}.`)
  }

  /** Applies a merge key (`<<`). The mapping's own keys win, then the first of several merged mappings. */
  #mergeInto(entries: Map<string, Entry>, value: Tree): void {
    for (const source of value.kind === 'list' ? value.items : [value]) {
      if (source.kind === 'map') {
        for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry)
      } else {
        this.#report(value.place, 'A merge key (`<<`) needs a mapping, or a list of mappings: `<<: *name`.')
        return
      }
    }
  }

  #sized<Kind extends Tree>(tree: Kind, parts: readonly Tree[]): Kind {
    const size = parts.reduce((sum, part) => sum + (this.#sizes.get(part) ?? 1), 1)
    this.#sizes.set(tree, Math.min(size, MOST_VALUES + 1))
    if (size > MOST_VALUES) this.#refuse(tree.place, TOO_MANY)
    return tree
  }
}

const KNOWN_TAGS = /^(tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)|!)$/

function offsetOf(node: unknown): number {
  return (node as { range?: readonly number[] | null } | null)?.range?.[0] ?? 0
}

function nothing(place: Place): ScalarTree {
  return { kind: 'scalar', value: null, place }
}

function readScalar(node: unknown, place: Place): ScalarTree {
  const value: unknown = isScalar(node) ? node.value : null
  const isKnown = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return { kind: 'scalar', value: isKnown ? value : typeof value === 'bigint' ? Number(value) : null, place }
}

/** Keeps a name as written: `1.0` and `0123` are valid names. */
function keyOf(key: unknown): string | undefined {
  const value: unknown = isScalar(key) ? key.value : key
  if (isScalar(key) && typeof value === 'number' && key.source !== undefined) return key.source
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}

function isPlain(key: unknown): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN
}

/** More problems would not help the reader. `details.problems` contains all of them. */
const MOST_SHOWN = 50

/** Creates the error for files with problems: one line for each, in the order of the files. */
export function refusal(
  files: readonly string[],
  problems: readonly ManifestProblem[],
  notes: readonly ManifestProblem[] = [],
): ProvisionError {
  const order = new Map(files.map((file, index) => [file, index]))
  const ordered = problems.toSorted(
    (one, other) =>
      (order.get(one.file) ?? 0) - (order.get(other.file) ?? 0) || one.line - other.line || one.column - other.column,
  )
  const shown = ({ file, line, column, message }: ManifestProblem) => `${file}:${line}:${column}: ${message}`
  const lines = ordered.slice(0, MOST_SHOWN).map(shown)
  const beside = notes.slice(0, MOST_SHOWN).map((note) => `Note: ${shown(note)}`)
  const rest = ordered.length > MOST_SHOWN ? [`… and ${ordered.length - MOST_SHOWN} more.`] : []
  const places = new Set(ordered.map(({ file }) => file))
  const where = places.size === 1 ? `${[...places][0]} has` : `${places.size} files have`
  const count = ordered.length === 1 ? '1 error' : `${ordered.length} errors`
  return new ProvisionError('MANIFEST', [`${where} ${count}:`, ...lines, ...rest, ...beside].join('\n'), {
    details: { problems: ordered },
  })
}
