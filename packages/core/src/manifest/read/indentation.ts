// Finds a line whose indentation does not match any line above it, and describes the choices.

interface Line {
  readonly offset: number
  readonly indent: number
  readonly text: string
}

export interface IndentationProblem {
  readonly offset: number
  readonly message: string
}

/** Returns the first line, starting just before `offset`, whose indentation matches no open line above it. */
export function indentationProblem(text: string, offset: number): IndentationProblem | undefined {
  const lines = linesUpTo(text, offset)
  const open: Line[] = []
  for (const line of lines) {
    while ((open.at(-1)?.indent ?? -1) > line.indent) open.pop()
    const above = open.at(-1)
    if (line.offset + line.text.length + line.indent >= offset || isAfter(line, offset)) {
      const problem = problemOf(line, { above, lines })
      if (problem !== undefined) return { offset: line.offset + line.indent, message: problem }
    }
    if (above?.indent === line.indent) open.pop()
    open.push(line)
  }
  return undefined
}

function isAfter(line: Line, offset: number): boolean {
  return line.offset >= offset
}

/** Returns the lines with content, up to the second one after `offset`. */
function linesUpTo(text: string, offset: number): readonly Line[] {
  const lines: Line[] = []
  let start = 0
  let beyond = 0
  while (start <= text.length && beyond < 3) {
    const end = text.indexOf('\n', start)
    const whole = text.slice(start, end < 0 ? text.length : end).replace(/\r$/, '')
    const content = whole.trimStart()
    if (content !== '' && !content.startsWith('#')) {
      lines.push({ offset: start, indent: whole.length - content.length, text: content })
      if (start > offset) beyond += 1
    }
    if (end < 0) break
    start = end + 1
  }
  return lines
}

function problemOf(
  line: Line,
  { above, lines }: { readonly above: Line | undefined; readonly lines: readonly Line[] },
): string | undefined {
  if (above === undefined || line.indent === above.indent) return undefined
  const key = keyOf(line)
  const other = keyOf(above)
  if (line.indent > above.indent && hasValue(above))
    return `${key} is indented more than ${other}, which already has a value: indent both equally.`
  if (line.indent > above.indent && wasDeeper(line, lines))
    return `${key} is indented by ${spaces(line.indent)}, which matches no line above it: indent it by ${choices(line, lines)}.`
  return undefined
}

function wasDeeper(line: Line, lines: readonly Line[]): boolean {
  const before = lines[lines.indexOf(line) - 1]
  return before !== undefined && before.indent > line.indent
}

/** `4 to stand beside image, 2 beside web` */
function choices(line: Line, lines: readonly Line[]): string {
  const before = lines.slice(0, lines.indexOf(line)).toReversed()
  const deeper = before.find(({ indent }) => indent > line.indent)
  const shallower = before.find(({ indent }) => indent < line.indent)
  return [deeper, shallower]
    .flatMap((one) => (one ? [`${one.indent} to put it beside ${keyOf(one)}`] : []))
    .join(', or by ')
}

function hasValue({ text }: Line): boolean {
  return /^(?:- )?[^\s'"#[{][^#]*?:\s+[^\s#|>&]/.test(text)
}

function keyOf({ text }: Line): string {
  const [, key] = /^(?:- )?([^:\s]+):/.exec(text) ?? []
  return `\`${key ?? (text.length > 30 ? `${text.slice(0, 27)}…` : text)}\``
}

function spaces(count: number): string {
  return count === 1 ? '1 space' : `${count} spaces`
}
