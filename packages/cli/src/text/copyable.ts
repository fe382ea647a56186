// Commands in sentences that can be copied as they stand: with the manifest that this one was called with.
import { hanging, wrap } from './wrap.ts'

const DEFAULT_FILE = 'pve-provision.yaml'

let files = ''

/** From now on commands name these files. */
export function nameManifest(names: readonly string[]): void {
  const isDefault = names.length === 1 && names[0] === DEFAULT_FILE
  files = isDefault ? '' : names.map((name) => ` --file ${quoted(name)}`).join('')
}

/** A text in which each command of ours names the manifest. */
export function copyable(text: string): string {
  if (files === '') return text
  return text.replaceAll(
    /\bpve-provision (apply|plan|destroy|adopt|pin|doctor|list|images (?:list|prune))\b/g,
    `$&${files}`,
  )
}

function quoted(name: string): string {
  return /^[\w./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`
}

/** Several lines are mostly commands, each on a line of its own and whole, to be copied; one line is a sentence. */
export function hintLines(hint: string | undefined, columns: number): string[] {
  if (hint === undefined || hint === '') return []
  const lines = copyable(hint).split('\n')
  if (lines.length === 1) return whole(hanging(`  → ${unbroken(lines[0] ?? '')}`, columns, 4))
  return lines.map((line, index) => `${index === 0 ? '  →' : '   '} ${line}`)
}

/** A sentence in lines; a command in it is never broken. */
export function sentenceLines(text: string, columns: number): string[] {
  return whole(wrap(unbroken(copyable(text)), columns))
}

const NO_BREAK = '\u00a0'

/** From the program's name to the end of the sentence. */
function unbroken(text: string): string {
  return text.replaceAll(/pve-provision(?: [^\s.]+(?:\.[^\s.]+)*)+/g, (command) => command.replaceAll(' ', NO_BREAK))
}

function whole(lines: readonly string[]): string[] {
  return lines.map((line) => line.replaceAll(NO_BREAK, ' '))
}
