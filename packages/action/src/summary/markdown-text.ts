// Text made safe for Markdown as GitHub renders it. Nothing in a foreign text is markup, a link, a mention or HTML: what
// is code is said by the caller, or stands between backticks in a sentence of ours. Secrets go before anything is escaped.

import { redact } from '../secrets.ts'

/** A sentence: one line without any markup, mention or link. */
export function plain(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_[\]|~$<>&]/g, '\\$&')
    .replace(/:(?=\/\/)|(?<=\bwww)\./gi, '\\$&')
    .replace(/^(?:[#+=-]|\d{1,9}(?=[.)]))/, (mark) => (/\d/.test(mark) ? `${mark}\\` : `\\${mark}`))
    .replace(/[@#](?=\w)|(?<=\bGH)-(?=\d)/gi, '$&<!-- -->')
}

/**
 * A sentence of ours, which may quote foreign text: what stands between backticks is code. The words around are escaped
 * so that no backtick, link or tag of theirs can shift where code begins.
 */
export function inline(text: string): string {
  return oneLine(text)
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? code(part) : keepEdges(part)))
    .join('')
}

/** Blanks beside code stay: `plain` would trim them. */
function keepEdges(part: string): string {
  const [before = ''] = /^ */.exec(part) ?? []
  const [after = ''] = part.trim() === '' ? [''] : (/ *$/.exec(part) ?? [])
  return `${before}${plain(part)}${after}`
}

/** Text as code in a line or a table's cell. */
export function code(text: string): string {
  const flat = oneLine(text)
  // A bar ends a table's cell even within a code span, and a backtick the span itself: as HTML nothing in it is markup.
  if (/[`|\\]/.test(flat) || flat === '') return `<code>${entities(flat)}</code>`
  return `\`${flat}\``
}

/** Lines as a block of code, which nothing in them can end. */
export function codeBlock(unsafe: string, language = 'text'): string {
  const text = redact(unsafe)
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${fence}${language}\n${text}\n${fence}`
}

export interface Table {
  /** Headings; one that ends with `:` is aligned to the right. */
  readonly head: readonly string[]
  /** Cells that were made safe already. */
  readonly rows: readonly (readonly string[])[]
}

/** A table of at most so many rows, with a last line that counts the others. */
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

/** A part that is folded until somebody opens it. */
export function folded(title: string, content: string): string {
  return `<details><summary>${entities(oneLine(title))}</summary>\n\n${content}\n\n</details>`
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function oneLine(text: string): string {
  return redact(text).replace(/\s+/g, ' ').trim()
}

/** All but letters, digits and blanks as entities: between tags they are no markup. A comment keeps an address from being one. */
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
