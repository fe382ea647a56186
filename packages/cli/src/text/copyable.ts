// Makes commands in messages copyable: with the same program call as this run, and with its manifest.
import { hanging, wrap } from './wrap.ts'

const DEFAULT_FILE = 'pve-provision.yaml'

let files = ''

/** Sets the files that commands will name. */
export function nameManifest(names: readonly string[]): void {
  const isDefault = names.length === 1 && names[0] === DEFAULT_FILE
  files = isDefault ? '' : names.map((name) => ` --file ${quoted(name)}`).join('')
}

/** Returns how the program was called: by npx, in a clone, or by its name. */
export function programName(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.npm_lifecycle_event === 'pve-provision') return 'npm run --silent pve-provision --'
  return environment.npm_command === 'exec' ? 'npx pve-provision' : 'pve-provision'
}

const COMMAND =
  /(?<!npx )\bpve-provision (?:(apply|plan|destroy|adopt|pin|doctor|list|images (?:list|prune))|init|validate|schema)\b/g

/**
 * Replaces each pve-provision command in a text by the same call as this run, with the manifest if the command accepts
 * one.
 */
export function copyable(text: string, program = programName()): string {
  return text.replaceAll(COMMAND, (command, onManifest?: string) => {
    const called = command.replace('pve-provision', program)
    return onManifest === undefined ? called : `${called}${files}`
  })
}

function quoted(name: string): string {
  return /^[\w./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`
}

/** Formats a hint. A sentence is wrapped, but never inside a command. A line of its own that is a command is not. */
export function hintLines(hint: string | undefined, columns: number): string[] {
  if (hint === undefined || hint === '') return []
  const lines = copyable(hint).split('\n')
  return lines.flatMap((line, index) => {
    const lead = index === 0 ? '  → ' : '    '
    const isSentence = lines.length === 1 || /^[A-Z][a-z]* /.test(line)
    return isSentence ? whole(hanging(`${lead}${unbroken(line)}`, columns, 4)) : [`${lead}${line}`]
  })
}

/** Wraps a sentence, but never inside a command. */
export function sentenceLines(text: string, columns: number): string[] {
  return whole(wrap(unbroken(copyable(text)), columns))
}

const NO_BREAK = '\u00a0'

/** Like `sentenceLines`, with all lines except the first one indented. */
export function hangingSentence(text: string, columns: number): string[] {
  return whole(hanging(unbroken(copyable(text)), columns))
}

/** A command reaches from the program's name to the end of the sentence. */
const OWN_COMMANDS = /(?:np[mx] [\w -]*)?pve-provision(?: [^\s.]+(?:\.[^\s.]+)*)+/g

/** A command of Proxmox or the shell ends at the first word with punctuation. */
const OTHER_COMMANDS = /\b(?:pvesm|pvesh|pveum|pvenode|qm|ha-manager|export)(?: \S*[^\s.,;:`])* \S+/g

function unbroken(text: string): string {
  const keep = (command: string) => command.replaceAll(' ', NO_BREAK)
  return text.replaceAll(OWN_COMMANDS, keep).replaceAll(OTHER_COMMANDS, keep)
}

function whole(lines: readonly string[]): string[] {
  return lines.map((line) => line.replaceAll(NO_BREAK, ' '))
}
