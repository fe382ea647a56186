// Arguments → command → exit code. Words about errors go to standard error; data to standard output.
import { Command, CommanderError, Option } from 'commander'
import { toProvisionError } from '@pve-provision/core'
import { applyCommand } from './commands/apply.ts'
import { destroyCommand } from './commands/destroy.ts'
import { planCommand } from './commands/plan.ts'
import { schemaCommand } from './commands/schema.ts'
import { validateCommand } from './commands/validate.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { errorText } from './text/error-text.ts'
import { VERSION } from './version.ts'

export interface CommonOptions {
  readonly file: string
  readonly json?: boolean
  readonly refresh?: boolean
  readonly verbose?: boolean
  readonly color: boolean
}

export type CommandResult = Promise<number> | number

/** Runs the program with these arguments; resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const outcome = { exitCode: EXIT.fine as number }
  const program = createProgram((exitCode) => {
    outcome.exitCode = exitCode
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return outcome.exitCode
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.fine : EXIT.usage
    const error = toProvisionError(thrown)
    process.stderr.write(errorText(error))
    return exitCodeOf(error)
  }
}

function createProgram(finish: (exitCode: number) => void): Command {
  const program = new Command('pve-provision')
    .description('Machines on Proxmox VE from cloud images, declared in one file.')
    .version(VERSION, '-V, --version')
    .exitOverride()
    .showHelpAfterError('(pve-provision --help tells more)')
    .addHelpText('after', HELP)
  const command = (name: string, description: string) => withCommonOptions(program.command(name).description(description))
  const only = new Option('--only <name...>', 'only these machines, by name')
  command('validate', 'check the manifest; contacts nothing').action(async (options) => finish(await validateCommand(options)))
  command('plan', 'show what apply would do, and why')
    .option('--detailed-exitcode', 'exit 0 when there is nothing to do, 2 when there are changes')
    .addOption(only)
    .action(async (options) => finish(await planCommand(options)))
  command('apply', 'bring the machines about')
    .option('--auto-approve', 'do not ask')
    .addOption(only)
    .option('--replace <name...>', 'destroy these machines and make them anew')
    .option('--stop-on-error', 'start nothing more after the first failure')
    .option('--update-images', 'use the vendor’s newest images, not those of the lock file')
    .action(async (options) => finish(await applyCommand(options)))
  command('destroy', 'remove the machines of this project, and nothing else')
    .option('--auto-approve', 'do not ask')
    .addOption(only)
    .action(async (options) => finish(await destroyCommand(options)))
  program.command('schema').description('print the JSON Schema of the manifest').action(() => finish(schemaCommand()))
  return program
}

function withCommonOptions(command: Command): Command {
  return command
    .option('-f, --file <file>', 'the manifest', 'pve-provision.yaml')
    .option('--json', 'one JSON document on standard output, nothing else there')
    .option('--refresh', 'ask the cluster anew instead of using cached facts')
    .option('--verbose', 'tell more')
    .option('--no-color', 'no colour')
}

const HELP = `
Environment:
  PVE_ENDPOINT       https://host:8006, several separated by commas
  PVE_TOKEN_ID       user@realm!name
  PVE_TOKEN_SECRET   the token's secret
  PVE_FINGERPRINT    SHA-256 of the server's certificate, or
  PVE_CA             a PEM file with its certificate authority

Exit: 0 fine, 1 a step failed, 2 see plan, 64 bad usage or manifest, 77 not permitted, 130 interrupted`
