// Makes commands in messages copyable: adds the manifest of this call to them.
import { hanging, wrap } from './wrap.ts'

const DEFAULT_FILE = 'pve-provision.yaml'

let files = ''

/** Sets the files that commands will name. */
export function nameManifest(names: readonly string[]): void {
  const isDefault = names.length === 1 && names[0] === DEFAULT_FILE
  files = isDefault ? '' : names.map((name) => ` --file ${quoted(name)}`).join('')
}

/** Adds the manifest to each command of this program in a text. */
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

/** Formats a hint. Several lines are commands to copy, so they are not wrapped; one line is a sentence. */
export function hintLines(hint: string | undefined, columns: number): string[] {
  if (hint === undefined || hint === '') return []
  const lines = copyable(hint).split('\n')
  if (lines.length === 1) return whole(hanging(`  → ${unbroken(lines[0] ?? '')}`, columns, 4))
  return lines.map((line, index) => `${index === 0 ? '  →' : '   '} ${line}`)
}

/** Wraps a sentence, but never inside a command. */
export function sentenceLines(text: string, columns: number): string[] {
  return whole(wrap(unbroken(copyable(text)), columns))
}

const NO_BREAK = '\u00a0'

/** A command reaches from the program's name to the end of the sentence. */
function unbroken(text: string): string {
  return text.replaceAll(/pve-provision(?: [^\s.]+(?:\.[^\s.]+)*)+/g, (command) => command.replaceAll(' ', NO_BREAK))
}

function whole(lines: readonly string[]): string[] {
  return lines.map((line) => line.replaceAll(NO_BREAK, ' '))
}
