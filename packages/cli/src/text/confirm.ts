// Questions on the terminal.
import { createInterface } from 'node:readline/promises'
import { ProvisionError } from '@pve-provision/core'
import { sayWords } from './output.ts'

/** Yes or no; no when just Enter is pressed. */
export async function confirm(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await prompt(`${question} [y/N] `))
}

export interface Question {
  /** The answer when just Enter is pressed. */
  readonly fallback: string
  /** What an answer must be, where this one is not. */
  readonly problem?: (answer: string) => string | undefined
}

/** A text; asked again until it will do. */
export async function ask(question: string, { fallback, problem }: Question): Promise<string> {
  for (;;) {
    const answer = (await prompt(`${question} [${shorten(fallback)}]: `)) || fallback
    const wanted = problem?.(answer)
    if (wanted === undefined) return answer
    sayWords(`  It must be ${wanted}.\n`)
  }
}

/** A key is long, and known by its beginning. */
function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text || 'none'
}

async function prompt(text: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await terminal.question(text)).trim()
  } catch (cause) {
    // Ctrl-C and Ctrl-D leave the cursor behind the question.
    process.stderr.write('\n')
    throw new ProvisionError('CANCELLED', 'Interrupted at the question: nothing was changed.', { cause })
  } finally {
    terminal.close()
  }
}
