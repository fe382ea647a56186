// Text → what should be. All complaints come at once, each with its line and column; nothing is contacted.
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import { ProvisionError } from '../errors.ts'
import { expand } from './expand.ts'
import { withIncludes } from './includes.ts'
import type { Desired, Position } from './manifest.ts'
import { manifestSchema } from './schema.ts'

export interface ManifestSource {
  readonly text: string
  /** Its name in complaints. */
  readonly file: string
}

export interface ParseOptions {
  /** What `${env:NAME}` may name. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Reads a file that the manifest names, relative to the manifest; throws when it cannot. */
  readonly readFile?: (path: string) => string
}

export interface ParsedManifest {
  readonly desired: Desired
  /** Values that came from `${env:…}` and passwords: never to be shown. */
  readonly secrets: readonly string[]
}

/** One thing wrong with a manifest. */
export interface Complaint extends Position {
  readonly message: string
}

/** Path of a value within the manifest. */
export type ManifestPath = readonly (string | number)[]

/**
 * Reads a manifest.
 * @throws ProvisionError `MANIFEST`; `details.complaints` is a `Complaint[]` in the order of the file
 */
export function parseManifest(
  { text, file }: ManifestSource,
  { environment = {}, readFile = noFiles }: ParseOptions = {},
): ParsedManifest {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const places = placesIn(document, lines, file)
  const broken = document.errors.map((error) => ({
    ...places.atOffset(error.pos[0]),
    message: sentence(error.message),
  }))
  if (broken.length > 0) throw refusal(file, broken)
  if (!isMap(document.contents))
    throw refusal(file, [
      { ...places.atOffset(0), message: 'A manifest must be a mapping with `project`, `images` and `vms`.' },
    ])

  const secrets: string[] = []
  const missing = fillEnvironment(document, { environment, secrets, places })
  const checked = manifestSchema.safeParse(document.toJS())
  const issues = checked.success ? [] : complaintsOf(checked.error.issues, places)
  if (!checked.success || missing.length > 0) throw refusal(file, [...missing, ...issues])

  const complaints: { readonly path: ManifestPath; readonly message: string }[] = []
  const complain = (path: ManifestPath, message: string) => void complaints.push({ path, message })
  const included = withIncludes(checked.data, { readFile, complain })
  const { desired, passwords } = expand(included, { place: (path) => places.atKey(path), complain })
  if (complaints.length > 0)
    throw refusal(
      file,
      complaints.map(({ path, message }) => ({ ...places.atPath(path), message })),
    )
  return { desired, secrets: [...secrets, ...passwords] }
}

function noFiles(): never {
  throw new Error('files are not read here')
}

interface Places {
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

const PLACEHOLDER = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g

/** Puts values for `${env:NAME}` into the document itself, so that positions stay true. */
function fillEnvironment(
  document: Document.Parsed,
  {
    environment,
    secrets,
    places,
  }: { environment: NonNullable<ParseOptions['environment']>; secrets: string[]; places: Places },
): Complaint[] {
  const missing: Complaint[] = []
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string') return
      node.value = node.value.replace(PLACEHOLDER, (placeholder: string, name: string) => {
        const value = environment[name]
        if (value === undefined || value === '') {
          missing.push({
            ...places.atOffset(node.range?.[0] ?? 0),
            message: `The environment variable ${name} is not set.`,
          })
          return placeholder
        }
        secrets.push(value)
        return value
      })
    },
  })
  return missing
}

function complaintsOf(issues: readonly z.core.$ZodIssue[], places: Places): Complaint[] {
  return issues.flatMap((issue) => {
    const path = issue.path as (string | number)[]
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        ...places.atKey([...path, key]),
        message: `${named(path)} has no key \`${key}\`.`,
      }))
    }
    if (issue.code === 'custom' && issue.params?.isName === true) {
      return [{ ...places.atKey(path), message: `The name \`${String(path.at(-1))}\` ${issue.message}.` }]
    }
    return [{ ...places.atPath(path), message: `${named(path)} ${wording(issue)}.` }]
  })
}

function wording(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith('must') || issue.message.startsWith('"from"')) return issue.message
  if (issue.code === 'invalid_type' && /received undefined/.test(issue.message)) return 'is missing'
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}`
  if (issue.code === 'invalid_value')
    return `must be one of ${issue.values.map((value) => `\`${String(value)}\``).join(', ')}`
  if (issue.code === 'too_small')
    return `must be at least ${issue.minimum}${issue.origin === 'string' ? ' characters long' : ''}`
  if (issue.code === 'too_big')
    return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`
  return `is wrong: ${issue.message}`
}

function article(expected: string): string {
  const words: Record<string, string> = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: '`true` or `false`',
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
  }
  return words[expected] ?? expected
}

function named(path: ManifestPath): string {
  return path.length === 0 ? 'The manifest' : `\`${path.join('.')}\``
}

function sentence(message: string): string {
  const first = message.split('\n')[0] ?? message
  return /[.!?]$/.test(first) ? first : `${first}.`
}

/** The refusal of a manifest: how many complaints in the message, each of them in the details. */
export function refusal(file: string, complaints: readonly Complaint[]): ProvisionError {
  const ordered = complaints.toSorted((one, other) => one.line - other.line || one.column - other.column)
  const lines = ordered.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
  const count = ordered.length === 1 ? 'one fault' : `${ordered.length} faults`
  return new ProvisionError('MANIFEST', `${file} has ${count}:\n${lines.join('\n')}`, {
    details: { complaints: ordered },
  })
}
