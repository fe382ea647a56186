// What leaves the program: words to standard error, data to standard output, and no secret in either.
import { createMasker } from '@pve-provision/core/text'
import { stderrTerminal } from './terminal.ts'
import { hanging } from './wrap.ts'

const masker = createMasker()
/** Where documents hold sentences. What else they hold are names, numbers and ids, on which scripts rely. */
const PROSE = new Set(['message', 'hint', 'why', 'sentence', 'remedy', 'notes', 'changes'])

/** These texts are taken out of everything that is said from now on. */
export function keepSecret(...texts: readonly (string | undefined)[]): void {
  masker.hide(...texts)
}

export function masked(text: string): string {
  return masker.mask(text)
}

/** What is drawn below the last words, and is taken away and put back where words are added. */
export interface Foot {
  readonly lift: () => void
  readonly put: () => void
}

let foot: Foot | undefined

/** From now on words go above it; without one, to where the cursor is. */
export function keepBelow(drawn: Foot | undefined): void {
  foot = drawn
}

/** For people: as it stands, with its line ends. */
export function sayWords(text: string): void {
  foot?.lift()
  process.stderr.write(masked(text))
  foot?.put()
}

/** A sentence, broken at words where the terminal is narrow. */
export function saySentence(text: string): void {
  sayWords(`${hanging(text, stderrTerminal.columns).join('\n')}\n`)
}

/** Ends the program now, and leaves no half of a drawing behind. */
export function exitNow(exitCode: number): never {
  foot?.lift()
  process.exit(exitCode)
}

/** For people as well, where the words are what was asked for: a listing, a script, a schema. */
export function writeText(text: string): void {
  process.stdout.write(masked(text))
}

/** For scripts: one document on one line. */
export function writeDocument(document: unknown): void {
  const text = JSON.stringify(document, (key, value: unknown) => (PROSE.has(key) ? masker.maskValues(value) : value))
  process.stdout.write(`${text}\n`)
}
