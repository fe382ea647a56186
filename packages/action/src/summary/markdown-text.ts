// Foreign text made safe for Markdown as GitHub renders it: tables, code, mentions.

/**
 * Text for a paragraph or a table's cell: no line breaks, no markup, no mention of people or issues. Only what stands
 * between backticks is code, as our own sentences write it.
 */
export function inline(text: string): string {
  const parts = text
    .replace(/\s+/g, ' ')
    .trim()
    .split(/`([^`]+)`/)
  return parts.map((part, index) => (index % 2 === 1 ? code(part) : plain(part))).join('')
}

function plain(text: string): string {
  return text
    .replace(/[\\`*_[\]|~$]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/@(?=\w)/g, '@<!-- -->')
    .replace(/#(?=\d)/g, '#<!-- -->')
}

/** Text as code in a line or a table's cell. */
export function code(text: string): string {
  // A bar ends a table's cell even within code, unless it is escaped.
  const flat = text.replace(/\s+/g, ' ').trim().replaceAll('|', '\\|')
  const fence = '`'.repeat(longestRun(flat) + 1)
  const pad = flat.startsWith('`') || flat.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${flat}${pad}${fence}`
}

/** Lines as a block of code, which nothing in them can end. */
export function codeBlock(text: string, language = 'text'): string {
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
  return `<details><summary>${inline(title)}</summary>\n\n${content}\n\n</details>`
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function longestRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length))
}
