// Explains syntax errors of the YAML parser and how to fix them.
import { CST, Lexer } from 'yaml'
import { indentationProblem } from './indentation.ts'

export const TOO_DEEP = 'This is nested too deeply.'

/** More problems would not help the reader, and each takes a scan of the text. */
const MOST_PROBLEMS = 20

/** An error of the YAML parser. */
export interface ParserError {
  readonly code: string
  readonly message: string
  readonly pos: readonly [number, number]
}

/** A syntax error: a sentence, and its offset in the text. */
export interface SyntaxProblem {
  readonly offset: number
  readonly message: string
}

/** Returns the syntax errors of a text. An error that only follows from an earlier one is left out. */
export function syntaxProblems(text: string, errors: readonly ParserError[]): readonly SyntaxProblem[] {
  const problems: SyntaxProblem[] = []
  const lineOf = lineCounter(text)
  let last = Number.NEGATIVE_INFINITY
  for (const error of errors.toSorted((one, other) => one.pos[0] - other.pos[0])) {
    if (problems.length >= MOST_PROBLEMS) break
    const problem = wording(text, error)
    const line = lineOf(problem.offset)
    if (line > last + 1) problems.push(problem)
    last = Math.max(last, line)
  }
  return problems
}

/** Returns a function that finds the line of an offset, starting at 0. */
function lineCounter(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}

const INDENTATION = new Set(['BAD_INDENT', 'BLOCK_AS_IMPLICIT_KEY', 'MULTILINE_IMPLICIT_KEY'])

function wording(text: string, { code, message, pos }: ParserError): SyntaxProblem {
  const offset = pos[0]
  if (
    /must be sufficiently indented and end with a|Flow (?:map|sequence|collection)/i.test(message) &&
    /[\]}]/.test(message)
  )
    return unclosed(text, offset, message.includes('}') ? '}' : ']')
  if (/closing .?quote/.test(message))
    return { offset: openQuote(text) ?? offset, message: 'The quote that begins here is not closed.' }
  const found =
    bareParameter(text, offset) ??
    quoting(text, offset) ??
    (INDENTATION.has(code) ? indentationProblem(text, offset) : undefined)
  return found ?? { offset, message: sentence(text, offset, { code, message }) }
}

/** The lexer marks scalars and documents with characters of its own, which are not in the text. */
const MARKS = new Set<string>([CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR])

/** Returns the offset of the quoted text that has no end. */
function openQuote(text: string): number | undefined {
  let offset = 0
  for (const token of new Lexer().lex(text)) {
    const [quote] = token
    if ((quote === '"' || quote === "'") && !isClosed(token, quote)) return offset
    if (!MARKS.has(token)) offset += token.length
  }
  return undefined
}

function isClosed(token: string, quote: string): boolean {
  const inner = token.slice(1, -1)
  const isEscaped = quote === '"' && (/\\+$/.exec(inner)?.[0].length ?? 0) % 2 === 1
  return token.length > 1 && token.endsWith(quote) && !isEscaped
}

function unclosed(text: string, offset: number, bracket: ']' | '}'): SyntaxProblem {
  const opening = text.lastIndexOf(bracket === ']' ? '[' : '{', offset)
  const what = bracket === ']' ? 'list' : 'mapping'
  return {
    offset: opening < 0 ? offset : opening,
    message: `The ${what} that begins here is not closed: \`${bracket}\` is missing.`,
  }
}

/** In brackets, a brace without quotes begins a mapping: `{ cores: ${env:CORES} }`. */
function bareParameter(text: string, offset: number): SyntaxProblem | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const [parameter] = /(?<=[\s,[{:])[^\s"',[{]*\$\{\w+:\w+\}/.exec(lineAt(text, offset)) ?? []
  const at = parameter === undefined ? -1 : text.indexOf(parameter, start)
  return parameter === undefined || at > offset || offset > at + parameter.length
    ? undefined
    : { offset: at, message: `Between brackets a parameter needs quotes: \`"${parameter}"\`.` }
}

/** `description: see: the wiki` */
function quoting(text: string, offset: number): SyntaxProblem | undefined {
  const line = lineAt(text, offset)
  const [, key = '', value = ''] = /^\s*(?:- )?([\w.-]+):\s+([^'"[{|>&*].*)$/.exec(line) ?? []
  if (value.startsWith('- '))
    return {
      offset,
      message: `Begin the list on the line below \`${key}\`, or write it in brackets: \`${key}: [${value.slice(2)}]\`.`,
    }
  if (!/:\s/.test(value) && !value.endsWith(':')) return inList(line, offset) ?? inBraces(line, offset)
  return {
    offset,
    message: `The value of \`${key}\` contains a colon, so it needs quotes: \`${key}: ${JSON.stringify(value)}\`.`,
  }
}

/** `- echo a: b: c` */
function inList(line: string, offset: number): SyntaxProblem | undefined {
  const [, value] = /^\s*-\s+([^\s'"[{|>&*][^:]*[^\w.:-][^:]*:\s[^"']*)$/.exec(line) ?? []
  return value === undefined
    ? undefined
    : { offset, message: `This value contains a colon, so it needs quotes: \`- ${JSON.stringify(value)}\`.` }
}

/** `{ description: it's: fine }` */
function inBraces(line: string, offset: number): SyntaxProblem | undefined {
  const [, key = '', value] = /[{,]\s*([\w.-]+):\s+([^\s'"[{|>&*,}][^,{}[\]"]*:\s[^,{}[\]"]*?)\s*[,}]/.exec(line) ?? []
  return value === undefined
    ? undefined
    : {
        offset,
        message: `The value of \`${key}\` contains a colon, so it needs quotes: \`${key}: ${JSON.stringify(value)}\`.`,
      }
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', offset)
  return text.slice(start, end < 0 ? text.length : end).replace(/\r$/, '')
}

function sentence(text: string, offset: number, { code, message }: Pick<ParserError, 'code' | 'message'>): string {
  const line = lineAt(text, offset).trim()
  if (code === 'TAB_AS_INDENT') return 'This line is indented with a tab. YAML allows only spaces.'
  if (code === 'MULTIPLE_DOCS')
    return 'A second document begins here (`---`). Put it in its own file and use both: `-f ONE -f OTHER`.'
  if (code === 'BAD_SCALAR_START') return `A value that begins with \`${text[offset] ?? ''}\` needs quotes.`
  if (code === 'BAD_DQ_ESCAPE')
    return 'In double quotes, a backslash begins an escape: write it twice, or use single quotes.'
  if (code === 'RESOURCE_EXHAUSTION') return TOO_DEEP
  const isBare = INDENTATION.has(code) && /^[\w.-]+$/.test(line)
  if (isBare || /need to be followed by map values/.test(message)) return withoutColon(line)
  if (/Missing , /.test(message) || /Missing , or : /.test(message)) return 'A comma is missing before this.'
  if (/Missing space after : /.test(message)) return 'A space is missing after the colon.'
  if (/Comments must be separated/.test(message)) return 'A comment needs a space before its `#`.'
  if (/Block scalar header includes extra/.test(message)) return 'Only a comment may follow `|` or `>`.'
  if (code === 'BAD_ALIAS') return 'A name is missing after `&` or `*`.'
  if (code === 'MULTIPLE_ANCHORS') return 'A value can have only one anchor (`&name`).'
  if (code === 'BAD_INDENT') return 'The indentation of this line matches no line above it.'
  if (/Unexpected , /.test(message)) return 'There is an extra comma here.'
  return `This is not valid YAML here: ${shown(line)}.`
}

function withoutColon(line: string): string {
  const [, key, value] = /^([\w.-]+):(\S.*)$/.exec(line) ?? /^([\w.-]+)\s*=?\s+(\S.*)$/.exec(line) ?? []
  if (key === undefined) return `${shown(line)} has no colon: a key needs one, as in \`key: value\`.`
  return `A colon followed by a space is missing: \`${key}: ${value}\`.`
}

function shown(line: string): string {
  return `\`${line.length > 60 ? `${line.slice(0, 57)}…` : line}\``
}
