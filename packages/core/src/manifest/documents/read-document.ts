// Reads a document for a guest from the manifest or from a file next to it, fills in parameters if requested, and
// checks it.
import { type DocumentValue, MACHINE_PLACEHOLDER, MACHINE_VALUES } from '../expand/expand-cloud-init.ts'
import { decodeText, isUtf8 } from '../read/decode-text.ts'
import type { ManifestPath } from '../read/tree.ts'
import { checkData, checkNetworkConfig, withoutMark } from './check-document.ts'
import { documentKind } from './document-kind.ts'
import type { DocumentFinding } from './guest-yaml.ts'

export interface DocumentReading {
  /** Path of the document in the manifest. */
  readonly path: ManifestPath
  /** Returns undefined for a file that cannot be read, and reports it. */
  readonly read: (file: string, path: ManifestPath) => string | Uint8Array | undefined
  readonly fill: (text: string, path: ManifestPath) => string
  readonly addProblem: (path: ManifestPath, message: string) => void
  readonly addNote: (path: ManifestPath, message: string) => void
}

/** Returns the document itself in place of a file name. What is wrong with it is reported as a problem. */
export function readDocument(value: DocumentValue, reading: DocumentReading): DocumentValue {
  const { path, read, fill } = reading
  if (typeof value === 'object' && 'base64' in value) return value
  const file = typeof value === 'object' && 'file' in value ? value.file : undefined
  const content = typeof value === 'string' ? value : 'file' in value ? read(value.file, path) : value.text
  if (content === undefined) return ''
  const isFilled = typeof value === 'object' && value.fill === true
  if (typeof content !== 'string' && !isUtf8(content)) return bytesOf(content, { ...reading, file, isFilled })
  const plain = withoutMark(typeof content === 'string' ? content : new TextDecoder().decode(content))
  if (isFilled) checkPlaceholders(plain, reading)
  const text = isFilled ? fill(plain, path) : plain
  const isNetwork = path.at(-1) === 'networkConfig'
  // The values of the machine are not known here, so use any word for the check.
  const sample = isFilled ? text.replace(MACHINE_PLACEHOLDER, '1') : text
  report(isNetwork ? checkNetworkConfig(sample) : checkData(sample), { ...reading, file })
  return isFilled ? { text, fill: true } : text
}

const KNOWN_VALUES = `known are ${Object.keys(MACHINE_VALUES)
  .map((key) => `\`\${machine:${key}}\``)
  .join(', ')}`

function checkPlaceholders(text: string, { path, addProblem }: DocumentReading): void {
  for (const [whole, key = ''] of text.matchAll(MACHINE_PLACEHOLDER))
    if (MACHINE_VALUES[key] === undefined) addProblem(path, `\`${path.join('.')}\` has \`${whole}\`: ${KNOWN_VALUES}.`)
}

interface Bytes extends DocumentReading {
  readonly file: string | undefined
  readonly isFilled: boolean
}

/** Passes on bytes that are not UTF-8, if the type of the document allows that. */
function bytesOf(content: Uint8Array, reading: Bytes): DocumentValue {
  const document = { base64: base64Of(content) }
  const mustBeText = reading.isFilled || reading.path.at(-1) === 'networkConfig'
  const { problem } = decodeText(content)
  if (problem !== undefined && (mustBeText || documentKind(document).isOpaque !== true))
    report({ problems: [problem], notes: [] }, reading)
  return document
}

function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

interface Findings {
  readonly problems: readonly DocumentFinding[]
  readonly notes: readonly DocumentFinding[]
}

type Reported = Pick<DocumentReading, 'path' | 'addProblem' | 'addNote'> & {
  /** Absent if the document is in the manifest itself. */
  readonly file: string | undefined
}

function report({ problems, notes }: Findings, { path, file, addProblem, addNote }: Reported): void {
  const sentence = ({ line, column, message }: DocumentFinding) =>
    `${file === undefined ? `Line ${line}, column ${column} of the document` : `${file}:${line}:${column}`}: ${message}`
  for (const problem of problems) addProblem(path, sentence(problem))
  for (const note of notes) addNote(path, sentence(note))
}
