// Questions on the terminal.
import { createInterface } from 'node:readline/promises'

/** Yes or no; no when just Enter is pressed. */
export async function confirm(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await prompt(`${question} [y/N] `))
}

/** A text; the fallback when just Enter is pressed. */
export async function ask(question: string, fallback: string): Promise<string> {
  return (await prompt(`${question} [${fallback}]: `)) || fallback
}

async function prompt(text: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await terminal.question(text)).trim()
  } catch (thrown) {
    // Ctrl-C and Ctrl-D leave the cursor behind the question.
    process.stderr.write('\n')
    throw thrown
  } finally {
    terminal.close()
  }
}
