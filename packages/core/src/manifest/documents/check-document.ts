// Documents of users, read before they are sent: what their reader would refuse or ignore is said, with line and column.
import { isMap, LineCounter, parseDocument } from 'yaml'
import type { GuestDocument } from '../manifest.ts'
import { syntaxProblems } from '../read/syntax.ts'
import { documentKind } from './document-kind.ts'

/** Something about a document; line and column count from one. */
export interface DocumentFinding {
  readonly line: number
  readonly column: number
  readonly message: string
}

export interface CheckedDocument {
  /** What its reader refuses. */
  readonly problems: readonly DocumentFinding[]
  /** What its reader ignores, where that may be meant. */
  readonly notes: readonly DocumentFinding[]
}

const FINE: CheckedDocument = { problems: [], notes: [] }
const NONE: readonly DocumentFinding[] = []

/** Looks at user-data or vendor-data. */
export function checkData(document: GuestDocument): CheckedDocument {
  const kind = documentKind(document)
  if (typeof document !== 'string') {
    if (kind.isOpaque) return FINE
    return { problems: [at(1, 1, 'The document is neither a text in UTF-8, nor packed, nor in parts.')], notes: [] }
  }
  if (document.trim() === '') return { problems: [], notes: [at(1, 1, 'The document is empty.')] }
  if (kind.reader === 'unknown') return { problems: [], notes: [at(1, 1, unknownFirstLine(document))] }
  if (kind.yaml === undefined) return { problems: [], notes: scriptNotes(document) }
  const { problems, isMapping, isEmpty } = readYamlText(document)
  if (problems.length > 0 || kind.yaml === 'any' || isMapping || isEmpty) return { problems, notes: [] }
  return { problems: [at(1, 1, 'A cloud-config must be a mapping; cloud-init uses nothing of this one.')], notes: [] }
}

/** Looks at a network-config document. */
export function checkNetworkConfig(text: string): CheckedDocument {
  const { problems, isMapping, hasVersion } = readYamlText(text)
  if (problems.length > 0) return { problems, notes: NONE }
  if (!isMapping) return { problems: [at(1, 1, 'A network-config must be a mapping.')], notes: NONE }
  if (hasVersion) return FINE
  return { problems: NONE, notes: [at(1, 1, 'The network-config has no `version`: cloud-init ignores it.')] }
}

/** A text without its byte order mark, before which cloud-init does not know the first line. */
export function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '')
}

function at(line: number, column: number, message: string): DocumentFinding {
  return { line, column, message }
}

interface YamlText {
  readonly problems: readonly DocumentFinding[]
  readonly isMapping: boolean
  readonly isEmpty: boolean
  readonly hasVersion: boolean
}

/** As cloud-init reads it: YAML 1.1, and of a key that stands twice the last one counts. */
function readYamlText(text: string): YamlText {
  const lines = new LineCounter()
  const document = parseDocument(text, { version: '1.1', uniqueKeys: false, prettyErrors: false, lineCounter: lines })
  // What comes after the first is mostly its consequence.
  const problems = syntaxProblems(text, document.errors.slice(0, 1)).map(({ offset, message }) => {
    const { line, col } = lines.linePos(offset)
    return at(Math.max(line, 1), Math.max(col, 1), `This is no YAML. ${message}`)
  })
  const { contents } = document
  return {
    problems,
    isMapping: isMap(contents),
    isEmpty: contents === null,
    hasVersion: isMap(contents) && (contents.has('version') || contents.has('network')),
  }
}

const KNOWN = '`#cloud-config`, `#!` and an interpreter, `#include`, `#cloud-boothook`'

function unknownFirstLine(text: string): string {
  const [first = ''] = text.trimStart().split('\n')
  const shown = first.length > 40 ? `${first.slice(0, 40)}…` : first.trimEnd()
  const isSlip = /^#?\s*cloud[-_ ]?config\b/i.test(first)
  const begins = `The document begins with \`${shown.replaceAll('`', "'")}\``
  if (isSlip) return `${begins}, which cloud-init ignores: the first line must be \`#cloud-config\`.`
  return `${begins}, and cloud-init ignores what does not begin with ${KNOWN}.`
}

/** Linux looks for an interpreter whose name ends with a carriage return. */
function scriptNotes(text: string): readonly DocumentFinding[] {
  if (!/^#!.*\r\n/.test(text)) return []
  const message = 'The lines of this script end with carriage returns: Linux finds no such interpreter.'
  return [at(1, text.indexOf('\r') + 1, message)]
}
