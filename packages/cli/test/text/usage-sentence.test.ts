// Sentences about wrong arguments.
import { CommanderError } from 'commander'
import { expect, it } from 'vitest'
import { createProgram } from '../../src/program.ts'
import { usageSentence } from '../../src/text/usage-sentence.ts'

/** Parses with the real commands. Returns commander's message, which an update of commander may change. */
async function messageOf(args: readonly string[]): Promise<string> {
  const program = createProgram(() => {})
  for (const command of [program, ...program.commands]) command.configureOutput({ outputError: () => {} })
  const thrown = await program.parseAsync([...args], { from: 'user' }).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(CommanderError)
  return (thrown as CommanderError).message
}

it.each([
  [['plan', '--bogus'], 'There is no option --bogus.'],
  [['plna'], 'There is no command plna.\n(Did you mean plan?)'],
  [['plan', '--only'], 'The option --only <machine...> needs a value.'],
  [['apply', '--batch', 'x'], '--batch <n> cannot be x. It must be a whole number of 1 or more.'],
  [['completion'], 'The argument <shell> is missing.'],
  [['plan', 'web'], 'Too many arguments for plan: expected 0, got 1. To choose machines, use --only NAME.'],
])('%j: %s', async (args, sentence) => {
  expect(usageSentence(await messageOf(args))).toBe(sentence)
})

it('is the message itself if it is not known', () => {
  expect(usageSentence('error: something new')).toBe('something new')
})
