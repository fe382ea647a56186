// Checks documents of users before they are sent to a guest. It reports what the reader of the document would refuse or
// ignore, with line and column.
import type { GuestDocument } from '../manifest.ts'
import { documentKind } from './document-kind.ts'
import { type DocumentFinding, readGuestYaml } from './guest-yaml.ts'
import { withoutTemplate } from './jinja.ts'

export interface CheckedDocument {
  /** What the reader of the document refuses. */
  readonly problems: readonly DocumentFinding[]
  /** What the reader ignores, in case it was not intended. */
  readonly notes: readonly DocumentFinding[]
}

const FINE: CheckedDocument = { problems: [], notes: [] }
const NONE: readonly DocumentFinding[] = []

/** Checks user-data or vendor-data. */
export function checkData(document: GuestDocument): CheckedDocument {
  const kind = documentKind(document)
  if (typeof document !== 'string') {
    if (kind.isOpaque) return FINE
    return { problems: [at(1, 1, 'The document is not UTF-8 text, and neither compressed nor multi-part.')], notes: [] }
  }
  if (document.trim() === '') return { problems: [], notes: [at(1, 1, 'The document is empty.')] }
  if (kind.reader === 'unknown') return { problems: [], notes: [at(1, 1, unknownFirstLine(document))] }
  if (kind.isTemplate) return checkTemplate(document)
  if (kind.isPatch) return checkPatch(document)
  return kind.yaml === undefined ? { problems: [], notes: scriptNotes(document) } : checkYaml(document, kind.yaml)
}

const WANTED = {
  mapping: 'A cloud-config must be a mapping; cloud-init ignores this one.',
  list: 'A cloud-config archive must be a list; cloud-init ignores this one.',
} as const

function checkYaml(text: string, wanted: keyof typeof WANTED): CheckedDocument {
  const { problems, isEmpty, repeated, ...is } = readGuestYaml(text)
  const isWanted = isEmpty || (wanted === 'mapping' ? is.isMapping : is.isList)
  return {
    problems: problems.length > 0 || isWanted ? problems : [at(1, 1, WANTED[wanted])],
    notes: [...breakNotes(text), ...repeated],
  }
}

/**
 * Finds characters that end a line for cloud-init, but not in most editors. They get in when text is copied from a web
 * page.
 */
function breakNotes(text: string): readonly DocumentFinding[] {
  const found = /\r(?!\n)|[\x85\u2028\u2029]/.exec(text)
  if (found === null) return NONE
  const before = text.slice(0, found.index).split('\n')
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return [
    at(
      before.length,
      (before.at(-1) ?? '').length + 1,
      `Here is a U+${code}, which cloud-init reads as the end of a line.`,
    ),
  ]
}

/** A patch is JSON after its first line. */
function checkPatch(text: string): CheckedDocument {
  try {
    JSON.parse(text.slice(text.indexOf('#cloud-config-jsonp') + '#cloud-config-jsonp'.length))
    return FINE
  } catch {
    return { problems: [at(1, 1, 'A `#cloud-config-jsonp` needs a JSON patch below this line.')], notes: NONE }
  }
}

/** The result of a template is not known, so errors in it are only notes. */
function checkTemplate(template: string): CheckedDocument {
  const { text, unclosed } = withoutTemplate(template)
  if (unclosed !== undefined) {
    const before = template.slice(0, template.indexOf('\n') + 1 + unclosed).split('\n')
    const message = 'This Jinja expression is not closed, so cloud-init ignores the document.'
    return { problems: NONE, notes: [at(before.length, (before.at(-1) ?? '').length + 1, message)] }
  }
  const kind = documentKind(text)
  if (text.trim() === '') return { problems: NONE, notes: [at(1, 1, 'The template is empty below this line.')] }
  if (kind.reader !== 'cloud-init' || kind.isTemplate || kind.isOpaque)
    return { problems: NONE, notes: [at(2, 1, unknownFirstLine(text, 'Below its first line the template'))] }
  const { problems, notes } = checkData(text)
  const filled = problems.map((found) => ({ ...found, message: `After the template is filled in: ${found.message}` }))
  return { problems: NONE, notes: [...filled, ...notes] }
}

/** Checks a network-config document. */
export function checkNetworkConfig(text: string): CheckedDocument {
  const { problems, isMapping, version, hasNetwork } = readGuestYaml(text)
  if (problems.length > 0) return { problems, notes: NONE }
  if (!isMapping) return { problems: [at(1, 1, 'A network-config must be a mapping.')], notes: NONE }
  if (version === undefined)
    return hasNetwork
      ? FINE
      : { problems: NONE, notes: [at(1, 1, 'The network-config has no `version`: cloud-init ignores it.')] }
  if (version === 1 || version === 2) return FINE
  return {
    problems: NONE,
    notes: [at(1, 1, `A network-config has version 1 or 2, not ${JSON.stringify(version)}.`)],
  }
}

/** Removes a byte order mark, because with it cloud-init does not recognize the first line. */
export function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '')
}

function at(line: number, column: number, message: string): DocumentFinding {
  return { line, column, message }
}

const KNOWN = '`#cloud-config`, `#!` and an interpreter, `#include` or `#cloud-boothook`'

/** First lines that are probably mistyped. */
const SLIPS: readonly (readonly [slip: RegExp, meant: string])[] = [
  [/^#*\s*cloud[-_ ]?config\b/i, '#cloud-config'],
  [/^#*\s*template\s*:?\s*jinja/i, '## template: jinja'],
]

function unknownFirstLine(text: string, subject = 'The document'): string {
  const [first = ''] = text.trimStart().split('\n')
  const shown = first.length > 40 ? `${first.slice(0, 40)}…` : first.trimEnd()
  const [, meant] = SLIPS.find(([slip, word]) => slip.test(first) && !first.startsWith(word)) ?? []
  const begins = `${subject} begins with \`${shown.replaceAll('`', "'")}\``
  if (meant !== undefined) return `${begins}, so cloud-init ignores it: the first line must be \`${meant}\`.`
  const path = /^\s*([\w~./-]+\.\w{1,5})\s*$/.exec(text)?.[1]
  const file = path === undefined ? '' : ` To use a file, set { file: ${path} }.`
  return `${begins}, and cloud-init ignores documents that do not begin with ${KNOWN}.${file}`
}

/** Linux looks for an interpreter whose name includes the carriage return. */
function scriptNotes(text: string): readonly DocumentFinding[] {
  if (!/^#!.*\r\n/.test(text)) return []
  const message = 'The lines of this script end with carriage returns, so Linux does not find the interpreter.'
  return [at(1, text.indexOf('\r') + 1, message)]
}
