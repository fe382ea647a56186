// Formats a plain table: columns as wide as their widest cell, two spaces between them, one line under the head.
import { stdoutTerminal } from './terminal.ts'
import { wrap } from './wrap.ts'

/**
 * If the table is wider than the terminal, each row becomes a paragraph: the first cell, then the others with their
 * names.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns = stdoutTerminal.columns,
): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  if (widths.reduce((sum, width) => sum + width + 2, -2) > columns) return paragraphs(head, rows, columns)
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const body = rows.length === 0 ? ['none'] : rows.map(line)
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...body]
}

function paragraphs(head: readonly string[], rows: readonly (readonly string[])[], columns: number): string[] {
  return rows.flatMap(([first = '', ...rest]) => {
    const named = rest.flatMap((cell, index) => (cell === '' ? [] : [`${asWord(head[index + 1])} ${cell}`.trim()]))
    return [`${asWord(head[0])} ${first}`, ...wrap(named.join(', '), columns - 2).map((line) => `  ${line}`)]
  })
}

/** Headings are in capitals, words in a sentence are not. */
function asWord(heading = ''): string {
  return heading === 'ID' ? heading : heading.toLowerCase()
}
