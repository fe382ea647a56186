// Makes text safe for GitHub Markdown. Foreign text cannot create markup, links, mentions or HTML. Text becomes code
// only if the caller asks for it, or between backticks in a message of this program. Secrets are masked before the text
// is escaped.

import { redact } from '../secrets.ts'

/** Formats a sentence: one line without markup, mentions or links. */
export function plain(text: string): string {
  return (
    oneLine(text)
      .replace(/[\\`*_[\]|~$<>&]/g, '\\$&')
      .replace(/:(?=\/\/)|(?<=www)\./gi, '\\$&')
      .replace(/^(?:[#+=-]|\d{1,9}(?=[.)]))/, (mark) => (/\d/.test(mark) ? `${mark}\\` : `\\${mark}`))
      // GitHub also links addresses such as `a@.b`.
      .replace(/@(?=\S)|#(?=\w)|(?<=GH)-(?=\d)/gi, '$&<!-- -->')
  )
}

/**
 * Formats a message of this program that may quote foreign text. Text between backticks becomes code. The other text is
 * escaped, so that a backtick, link or tag in it cannot change where code begins.
 */
export function inline(text: string): string {
  return oneLine(text)
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? code(part) : keepEdges(part)))
    .join('')
}

/** Keeps spaces next to code, which `plain` would trim. */
function keepEdges(part: string): string {
  const [before = ''] = /^ */.exec(part) ?? []
  const [after = ''] = part.trim() === '' ? [''] : (/ *$/.exec(part) ?? [])
  return `${before}${plain(part)}${after}`
}

/** Formats text as code in a line or a table cell. */
export function code(text: string): string {
  const flat = oneLine(text)
  // A bar ends a table cell even inside code, and a backtick ends the code. As HTML, neither has an effect.
  if (/[`|\\]/.test(flat) || flat === '') return `<code>${entities(flat)}</code>`
  return `\`${flat}\``
}

/** Formats lines as a code block that no line can end. */
export function codeBlock(unsafe: string, language = 'text'): string {
  const text = redact(unsafe)
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${fence}${language}\n${text}\n${fence}`
}

/** Indents text as part of a list item. */
export function indented(text: string): string {
  return text.replace(/^/gm, '  ')
}

export interface Table {
  /** Headings. A heading that ends with `:` is aligned to the right. */
  readonly head: readonly string[]
  /** Cells that are already safe. */
  readonly rows: readonly (readonly string[])[]
}

/** Formats a table with at most `rowsLimit` rows. A last line counts the rest. */
export function table({ head, rows }: Table, rowsLimit: number): string {
  const shown = rows.slice(0, rowsLimit)
  const lines = [
    row(head.map((name) => name.replace(/:$/, ''))),
    row(head.map((name) => (name.endsWith(':') ? '---:' : '---'))),
    ...shown.map(row),
  ]
  const others = rows.length - shown.length
  return others === 0 ? lines.join('\n') : `${lines.join('\n')}\n\n… and ${others} more.`
}

/** Formats a part that is folded until the user opens it. */
export function folded(title: string, content: string): string {
  return `<details><summary>${entities(oneLine(title))}</summary>\n\n${content}\n\n</details>`
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function oneLine(text: string): string {
  return redact(text).replace(/\s+/g, ' ').trim()
}

/** Encodes everything except letters, digits and spaces as HTML entities. The HTML comment prevents mentions. */
function entities(text: string): string {
  return text
    .replace(/[^\p{L}\p{N} ./-]|(?<=w)\./giu, (character) => `&#${character.codePointAt(0)};`)
    .replaceAll('&#64;', '&#64;<!-- -->')
}

function longestRun(text: string): number {
  let longest = 0
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length)
  return longest
}
