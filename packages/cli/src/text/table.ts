// A plain table: columns as wide as their widest cell, two spaces between, no lines but one under the head.

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const body = rows.length === 0 ? ['none'] : rows.map(line)
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...body]
}
