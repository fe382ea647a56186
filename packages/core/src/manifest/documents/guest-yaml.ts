// Parses YAML as cloud-init does (PyYAML, YAML 1.1). PyYAML is stricter than our parser. If it refuses a document,
// cloud-init uses none of it.
import {
  CST,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  visit,
} from 'yaml'
import { syntaxProblems } from '../read/syntax.ts'

/** A finding in a document. Line and column start at 1. */
export interface DocumentFinding {
  readonly line: number
  readonly column: number
  readonly message: string
}

export interface GuestYaml {
  readonly problems: readonly DocumentFinding[]
  /** Keys that occur again in their mapping. */
  readonly repeated: readonly DocumentFinding[]
  readonly isMapping: boolean
  readonly isList: boolean
  readonly isEmpty: boolean
  /** The value of the key at the top level, or inside `network: { … }`. */
  readonly version: unknown
  readonly hasNetwork: boolean
}

interface Fault {
  readonly offset: number
  readonly message: string
}

/** Parses a document. If a key occurs twice, the last one counts. */
export function readGuestYaml(text: string): GuestYaml {
  const parsed = parseAsGuest(text)
  const { document, lines } = parsed
  // Later errors are mostly consequences of the first.
  const [fault] = [
    ...syntaxProblems(text, document.errors.slice(0, 1)).map(inGuest),
    ...signFaults(text),
    ...nodeFaults(parsed),
  ]
  const { contents } = document
  const place = lines.linePos(fault?.offset ?? 0)
  return {
    problems:
      fault === undefined
        ? []
        : [
            {
              line: Math.max(place.line, 1),
              column: Math.max(place.col, 1),
              message: `This is not valid YAML. ${fault.message}`,
            },
          ],
    repeated: repeatedKeys(document, lines),
    isMapping: isMap(contents),
    isList: isSeq(contents),
    isEmpty: contents === null || (isScalar(contents) && contents.value === null),
    version: isMap(contents) ? (contents.get('version') ?? contents.getIn(['network', 'version'])) : undefined,
    hasNetwork: isMap(contents) && contents.has('network'),
  }
}

/** Finds keys whose value is lost, because the same mapping has them again. */
function repeatedKeys(document: Document, lines: LineCounter): readonly DocumentFinding[] {
  const found: DocumentFinding[] = []
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Map<unknown, number>()
      for (const { key } of items) {
        if (!isScalar(key) || key.value === '<<') continue
        const { line, col } = lines.linePos(offsetOf(key))
        const first = seen.get(key.value)
        if (first !== undefined)
          found.push({
            line,
            column: col,
            message: `The key \`${String(key.value)}\` appears twice, first in line ${first}. cloud-init uses only the last one.`,
          })
        else seen.set(key.value, line)
      }
    },
  })
  return found
}

interface Parsed {
  /** The text. Lines that only our parser wants indented are indented. */
  readonly text: string
  readonly document: Document
  readonly lines: LineCounter
}

/**
 * PyYAML allows any indentation for a continuation line in brackets or quotes. Our parser requires it to be indented.
 */
const OUTDENTED = /must be sufficiently indented|^Missing closing .quote/
const MOST_TRIES = 50

function parseAsGuest(text: string): Parsed {
  const first = parse(text)
  let [tried, parsed, at] = [text, first, -1]
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const [error] = parsed.document.errors
    if (error === undefined) return parsed
    const [offset] = error.pos
    const line = tried[offset] === '\n' ? offset + 1 : tried.lastIndexOf('\n', offset - 1) + 1
    if (!OUTDENTED.test(error.message) || line <= at || line >= tried.length) break
    at = line
    tried = `${tried.slice(0, line)}${' '.repeat(64)}${tried.slice(line)}`
    parsed = parse(tried)
  }
  return first
}

function parse(text: string): Parsed {
  const lines = new LineCounter()
  const document = parseDocument(text, { version: '1.1', uniqueKeys: false, prettyErrors: false, lineCounter: lines })
  return { text, document, lines }
}

/**
 * cloud-init does not accept a second document. The general message suggests several files, which only a manifest can
 * have.
 */
function inGuest(fault: Fault): Fault {
  return fault.message.startsWith('A second document begins')
    ? { ...fault, message: 'A second document begins here. cloud-init reads only one: join them, or remove this line.' }
    : fault
}

const TAB = 'There is a tab here. cloud-init accepts only spaces.'
const UNPRINTABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ud800-\udfff\ue000-\ufffd]/

/**
 * Finds characters that PyYAML refuses everywhere, and tabs between values, which it does not accept as white space.
 */
function signFaults(text: string): readonly Fault[] {
  const sign = UNPRINTABLE.exec(text)
  const tab = tabBetween(text)
  return [
    ...(sign === null
      ? []
      : [{ offset: sign.index, message: 'There is a control character here, which YAML does not allow.' }]),
    ...(tab === undefined ? [] : [{ offset: tab, message: TAB }]),
  ]
}

function tabBetween(text: string): number | undefined {
  if (!text.includes('\t')) return undefined
  let offset = 0
  for (const token of new Lexer().lex(text)) {
    if (/^[ \t]+$/.test(token) && token.includes('\t')) return offset + token.indexOf('\t')
    // The lexer emits marker tokens for scalars and documents, which are not in the text.
    if (!MARKS.has(token)) offset += token.length
  }
  return undefined
}

const MARKS = new Set<string>([CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR])

function nodeFaults({ document, text }: Parsed): readonly Fault[] {
  const faults: Fault[] = document.warnings.map(({ pos: [offset], message }) => ({
    offset,
    message: tagFault(message),
  }))
  const anchors = new Set<string>()
  visit(document, {
    Pair: (_, pair) => void faults.push(...pairFaults(pair, { document, text })),
    Node: (_, node) => {
      if (isAlias(node) && !anchors.has(node.source))
        faults.push({
          offset: offsetOf(node),
          message: `There is no anchor \`&${node.source}\` before this \`*${node.source}\`.`,
        })
      const { anchor } = node as { readonly anchor?: string }
      if (anchor !== undefined) anchors.add(anchor)
      if (isScalar(node) && node.type === Scalar.PLAIN) faults.push(...plainFaults(node, text))
    },
  })
  return faults.toSorted((one, other) => one.offset - other.offset)
}

function plainFaults(node: Scalar, text: string): readonly Fault[] {
  const [source, offset] = [node.source ?? '', offsetOf(node)]
  const tab = writtenAs(node, text).indexOf('\t')
  if (tab >= 0) return [{ offset: offset + tab, message: TAB }]
  if (node.tag !== undefined || !isNoDate(source)) return []
  return [{ offset, message: `\`${source}\` looks like a date but is not a valid one: put it in quotes.` }]
}

function tagFault(message: string): string {
  const [, tag = ''] = /Unresolved tag: (\S+)/.exec(message) ?? []
  const [, standard] = /^tag:yaml\.org,2002:(\w+)$/.exec(tag) ?? []
  return standard === undefined
    ? `cloud-init does not know the tag \`${tag}\`: put a value that begins with \`!\` in quotes.`
    : `The value does not have the type of its tag \`!!${standard}\`.`
}

function pairFaults({ key, value }: Pair, { document, text }: Pick<Parsed, 'document' | 'text'>): readonly Fault[] {
  const [resolved, offset] = [isAlias(key) ? key.resolve(document) : key, offsetOf(key)]
  if (isMap(resolved) || isSeq(resolved)) return [{ offset, message: keyMessage(resolved) }]
  const written = writtenAs(key, text)
  if (written === '' && isScalar(key) && /^\s*:/.test(text.slice(offset, offset + 200)))
    return [{ offset, message: 'A key is missing before this colon.' }]
  if (written.includes('\n') && value !== null) return [{ offset, message: 'A key must be on one line.' }]
  const isMerge = isScalar(key) && key.type === Scalar.PLAIN && key.source === '<<'
  return !isMerge || isMergeable(value, document)
    ? []
    : [{ offset: offsetOf(value), message: 'A merge key (`<<`) needs a mapping, or a list of mappings: `<<: *name`.' }]
}

/** Trap: `{{ name }}` in a document without the template header is parsed as a mapping that is a key. */
function keyMessage(key: Node): string {
  return isMap(key) && key.flow === true
    ? 'Put `{{ … }}` in quotes. To have it filled in, make `## template: jinja` the first line of the document.'
    : 'A key cannot be a list or a mapping.'
}

function isMergeable(value: unknown, document: Document, isInList = false): boolean {
  const node = isAlias(value) ? value.resolve(document) : value
  // An unresolved alias is reported elsewhere.
  if (isAlias(value) && node === undefined) return true
  if (isSeq(node) && !isInList) return node.items.every((item) => isMergeable(item, document, true))
  return isMap(node)
}

const DATE = /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)|$)/

/** PyYAML parses text in the form of a date as a date, and fails if that day does not exist. */
function isNoDate(text: string): boolean {
  const [, year, month, day, hour, minute, second] = (DATE.exec(text) ?? []).map(Number)
  if (year === undefined || month === undefined || day === undefined) return false
  // Without a time, month and day must have two digits.
  if (Number.isNaN(hour) && !/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const isTime = [hour, minute, second].every((part, index) => !(Number(part) > (index === 0 ? 23 : 59)))
  return year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || !isTime
}

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
}

function writtenAs(node: unknown, text: string): string {
  return isNode(node) && node.range ? text.slice(node.range[0], node.range[1]) : ''
}

function offsetOf(node: unknown): number {
  return (isNode(node) && node.range?.[0]) || 0
}
