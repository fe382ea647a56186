// Writes all output: messages to standard error, data to standard output. Secrets are masked in both.
import { createMasker } from '@pve-provision/core/text'
import { hangingSentence } from './copyable.ts'
import { stderrTerminal } from './terminal.ts'

const masker = createMasker()
/** Keys of a document that contain sentences. Other values are names, numbers and ids, which scripts rely on. */
const PROSE = new Set(['message', 'hint', 'why', 'sentence', 'remedy', 'notes', 'changes'])

/** Adds texts that are masked in all output from now on. */
export function keepSecret(...texts: readonly (string | undefined)[]): void {
  masker.hide(...texts)
}

export function masked(text: string): string {
  return masker.mask(text)
}

/** Text that stays below the last message. It is removed and drawn again when a message is added. */
export interface Foot {
  readonly lift: () => void
  readonly put: () => void
}

let foot: Foot | undefined

/** Sets the text below the messages. Without one, messages are written at the cursor. */
export function keepBelow(drawn: Foot | undefined): void {
  foot = drawn
}

/** Writes text for people as it is, including its line ends. */
export function sayWords(text: string): void {
  foot?.lift()
  process.stderr.write(masked(text))
  foot?.put()
}

/** Prints a message, wrapped at words in a narrow terminal. Commands in it can be copied. */
export function saySentence(text: string): void {
  sayWords(`${hangingSentence(text, stderrTerminal.columns).join('\n')}\n`)
}

/** Exits the program at once, without leaving a partial drawing. */
export function exitNow(exitCode: number): never {
  foot?.lift()
  process.exit(exitCode)
}

/** Writes text for people to standard output, for commands whose result is text: a list, a script, a schema. */
export function writeText(text: string): void {
  process.stdout.write(masked(text))
}

/** Writes a document for scripts as one line. */
export function writeDocument(document: unknown): void {
  const text = JSON.stringify(document, (key, value: unknown) => (PROSE.has(key) ? masker.maskValues(value) : value))
  process.stdout.write(`${text}\n`)
}
