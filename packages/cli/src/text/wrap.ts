// Long sentences on narrow terminals.

/** Words in lines of at most so many characters. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** The same with all lines but the first further to the right; spaces at the beginning of the text stay. */
export function hanging(text: string, width: number, indent = 2): string[] {
  const lead = text.length - text.trimStart().length
  const [first = '', ...rest] = wrap(text.trimStart(), width - Math.max(lead, indent))
  return [`${' '.repeat(lead)}${first}`, ...rest.map((line) => `${' '.repeat(indent)}${line}`)]
}
