// Analyses Jinja templates for cloud-init, as far as possible before a guest renders them.

/** A document with a word for each `{{ … }}`, and only the first branch of each `{% if %}`. */
export interface Template {
  readonly text: string
  /** Offset of an unclosed `{{`, `{%` or `{#`, from 0. */
  readonly unclosed?: number
}

const OPENING = /\{[{%#]/g
const CLOSING: Readonly<Record<string, string>> = { '{{': '}}', '{%': '%}', '{#': '#}' }

/** The first line marks a template (cloud-init `templater.py`) and is not part of the result. */
export function withoutTemplate(document: string): Template {
  const start = document.indexOf('\n') + 1
  const text = start === 0 ? '' : document.slice(start)
  const filled = fill(text)
  // Keeps line numbers.
  return { ...filled, text: `\n${filled.text}` }
}

function fill(text: string): Template {
  let [out, at] = ['', 0]
  // For each open block: true if its current branch is left out.
  const left: boolean[] = []
  const isOut = () => left.includes(true)
  const keep = (part: string) => {
    out += isOut() ? linesOf(part) : part
  }
  OPENING.lastIndex = 0
  for (let found = OPENING.exec(text); found !== null; found = OPENING.exec(text)) {
    const [opening] = found
    const end = text.indexOf(CLOSING[opening] ?? '', found.index + 2)
    if (end < 0) return { text: out, unclosed: found.index }
    keep(text.slice(at, found.index))
    const whole = text.slice(found.index, end + 2)
    if (opening === '{{') keep(`${'x'.repeat(whole.replaceAll('\n', '').length)}${linesOf(whole)}`)
    else {
      if (opening === '{%') follow(whole, left)
      out += linesOf(whole)
    }
    at = end + 2
    OPENING.lastIndex = at
  }
  keep(text.slice(at))
  return { text: out }
}

function follow(tag: string, left: boolean[]): void {
  const [, word = ''] = /^\{%[-+]?\s*(\w+)/.exec(tag) ?? []
  if (/^(?:if|for)$/.test(word)) left.push(false)
  else if (/^(?:else|elif)$/.test(word)) left.splice(-1, 1, true)
  else if (/^end(?:if|for)$/.test(word)) left.pop()
}

function linesOf(text: string): string {
  return '\n'.repeat(text.split('\n').length - 1)
}
