// Wraps long sentences for narrow terminals.

/** Wraps at words, with at most `width` characters on a line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Like `wrap`, with all lines except the first one indented. Leading spaces of the text stay. */
export function hanging(text: string, width: number, indent = 2): string[] {
  const lead = text.length - text.trimStart().length
  const [first = '', ...rest] = wrap(text.trimStart(), width - Math.max(lead, indent))
  return [`${' '.repeat(lead)}${first}`, ...rest.map((line) => `${' '.repeat(indent)}${line}`)]
}
