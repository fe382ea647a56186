// YAML as a document that knows where everything stands, so that each problem has its line and column.
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml'
import { ProvisionError } from '../errors.ts'
import type { Position } from './manifest.ts'

export interface YamlSource {
  readonly text: string
  /** Its name in problems. */
  readonly file: string
}

/** Path of a value within a document. */
export type ManifestPath = readonly (string | number)[]

/** One thing wrong with a file. */
export interface ManifestProblem extends Position {
  readonly message: string
}

export interface ReadYaml {
  readonly document: Document.Parsed
  readonly places: Places
}

/**
 * Reads a mapping.
 * @throws ProvisionError `MANIFEST` when the text is no YAML, or no mapping: then `expectation` says what it should be
 */
export function readYaml({ text, file }: YamlSource, expectation: string): ReadYaml {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const places = placesIn(document, lines, file)
  const broken = document.errors.map((error) => ({
    ...places.atOffset(error.pos[0]),
    message: sentence(error.message),
  }))
  if (broken.length > 0) throw refusal(file, broken)
  if (!isMap(document.contents)) throw refusal(file, [{ ...places.atOffset(0), message: expectation }])
  return { document, places }
}

export interface Places {
  atOffset(offset: number): Position
  /** Where the value at a path stands; of a missing one, where its nearest parent does. */
  atPath(path: ManifestPath): Position
  /** Where the key itself stands. */
  atKey(path: ManifestPath): Position
}

function placesIn(document: Document.Parsed, lines: LineCounter, file: string): Places {
  const atOffset = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const offsetAt = (path: ManifestPath, ofKey: boolean): number => {
    for (let length = path.length; length > 0; length--) {
      const pair = pairAt(document, path.slice(0, length))
      const node =
        ofKey || length < path.length
          ? (pair?.key ?? document.getIn(path.slice(0, length), true))
          : document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return node.range[0]
    }
    return 0
  }
  return {
    atOffset,
    atPath: (path) => atOffset(offsetAt(path, false)),
    atKey: (path) => atOffset(offsetAt(path, true)),
  }
}

function pairAt(document: Document.Parsed, path: ManifestPath): { readonly key: unknown } | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  if (!isMap(parent)) return undefined
  return parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1))
}

/** The refusal of a file: how many problems in the message, each of them in the details. */
export function refusal(file: string, problems: readonly ManifestProblem[]): ProvisionError {
  const ordered = problems.toSorted((one, other) => one.line - other.line || one.column - other.column)
  const lines = ordered.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
  const count = ordered.length === 1 ? 'one fault' : `${ordered.length} faults`
  return new ProvisionError('MANIFEST', `${file} has ${count}:\n${lines.join('\n')}`, {
    details: { problems: ordered },
  })
}

function sentence(message: string): string {
  const first = message.split('\n')[0] ?? message
  return /[.!?]$/.test(first) ? first : `${first}.`
}
