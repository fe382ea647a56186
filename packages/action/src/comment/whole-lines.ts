// Cuts Markdown at the end of a line and closes what is open there.

/** Returns the text with at most `limit` characters. */
export function wholeLines(text: string, limit: number): string {
  if (text.length <= limit) return text
  const note = '\n\n… truncated; the job summary has the full text.\n'
  let open: readonly string[] = []
  let kept = ''
  for (const line of text.split(/(?<=\n)/)) {
    const after = opened(line, open)
    if (kept.length + line.length + closing(after).length + note.length > limit) break
    kept += line
    open = after
  }
  return `${kept}${closing(open)}${note}`
}

/** Returns what is open after a line: code fences and folded parts. Inside a fence, nothing else can open. */
function opened(line: string, open: readonly string[]): readonly string[] {
  const fence = open.at(-1)
  const [, mark] = /^\s*(`{3,})/.exec(line) ?? []
  if (fence?.startsWith('`')) return line.trim() === fence ? open.slice(0, -1) : open
  if (mark !== undefined) return [...open, mark]
  if (line.startsWith('</details>')) return open.slice(0, -1)
  return line.startsWith('<details>') ? [...open, '</details>'] : open
}

function closing(open: readonly string[]): string {
  return open
    .toReversed()
    .map((end) => `\n${end}\n`)
    .join('')
}
