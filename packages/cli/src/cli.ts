// Runs the command line: parses arguments, runs a command, returns an exit code. Errors go to standard error, data to
// standard output.
import { ProvisionError } from '@pve-provision/core'
import { toProvisionError } from '@pve-provision/core/advanced'
import { errorDocument } from '@pve-provision/core/text'
import { CommanderError } from 'commander'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { createProgram } from './program.ts'
import { errorText } from './text/error-text.ts'
import { keepSecret, sayWords, writeDocument } from './text/output.ts'
import { usageSentence } from './text/usage-sentence.ts'

/** Runs the program with these arguments. Resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  keepSecret(process.env.PVE_TOKEN_SECRET)
  onBrokenPipe()
  onStrayError(args)
  const outcome = { exitCode: EXIT.fine as number }
  const program = createProgram((exitCode) => {
    outcome.exitCode = exitCode
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return outcome.exitCode
  } catch (thrown) {
    if (thrown instanceof CommanderError) return usageExit(thrown, args)
    return tellError(toProvisionError(thrown), args)
  }
}

/** Commander has already printed the message. */
function usageExit({ exitCode, message }: CommanderError, args: readonly string[]): number {
  if (exitCode === 0) return EXIT.fine
  const error = new ProvisionError('USAGE', usageSentence(message))
  if (args.includes('--json')) writeDocument({ ok: false, error: errorDocument(error) })
  return EXIT.usage
}

function tellError(error: ProvisionError, args: readonly string[]): number {
  if (args.includes('--json')) writeDocument({ ok: false, error: errorDocument(error) })
  sayWords(errorText(error))
  return exitCodeOf(error)
}

/** The process that reads the output may stop early: `pve-provision schema | head`. */
function onBrokenPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(EXIT.fine)
  })
}

/** An uncaught exception is a bug: report it once and exit. */
function onStrayError(args: readonly string[]): void {
  process.on('uncaughtException', (thrown) => process.exit(tellError(toProvisionError(thrown), args)))
}
