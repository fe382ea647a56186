// Asks questions on the terminal.
import { ProvisionError } from '@pve-provision/core'
import { sayWords } from './output.ts'

/** Asks yes or no. Enter alone means no. */
export async function confirm(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await prompt(`${question} [y/N] `))
}

/** Asks for a word, so that a dangerous action is not confirmed by habit. Anything else means no. */
export async function confirmByWord(question: string, word: string): Promise<boolean> {
  return (await prompt(`${question} `)) === word
}

export interface Question {
  /** The answer if the user only presses Enter. */
  readonly fallback: string
  /** Returns what an answer must be, or undefined if it is valid. */
  readonly problem?: (answer: string) => string | undefined
}

/** Asks for a text, and repeats the question until the answer is valid. */
export async function ask(question: string, { fallback, problem }: Question): Promise<string> {
  for (;;) {
    const answer = (await prompt(`${question} [${shorten(fallback)}]: `)) || fallback
    const wanted = problem?.(answer)
    if (wanted === undefined) return answer
    sayWords(`  It must be ${wanted}.\n`)
  }
}

/** A key is long, and its beginning identifies it. */
function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text || 'none'
}

async function prompt(text: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await terminal.question(text)).trim()
  } catch (cause) {
    // After Ctrl-C or Ctrl-D, the cursor is still behind the question.
    process.stderr.write('\n')
    throw new ProvisionError('CANCELLED', 'Interrupted at the question: nothing was changed.', { cause })
  } finally {
    terminal.close()
  }
}
