// Arguments → command → exit code. Words about errors go to standard error; data to standard output.
import { errorDocument, ProvisionError, toProvisionError } from '@pve-provision/core'
import { Command, CommanderError, Option } from 'commander'
import { applyCommand } from './commands/apply.ts'
import { completionCommand } from './commands/completion.ts'
import { destroyCommand } from './commands/destroy.ts'
import { doctorCommand } from './commands/doctor.ts'
import { factsCommand } from './commands/facts.ts'
import { initCommand } from './commands/init.ts'
import { listImages } from './commands/list-images.ts'
import { pinCommand } from './commands/pin.ts'
import { planCommand } from './commands/plan.ts'
import { pruneImages } from './commands/prune-images.ts'
import { schemaCommand } from './commands/schema.ts'
import { validateCommand } from './commands/validate.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { errorText } from './text/error-text.ts'
import { ENVIRONMENT, EXAMPLES } from './text/help.ts'
import { keepSecret, sayWords, writeDocument } from './text/output.ts'
import { VERSION } from './version.ts'

/** Runs the program with these arguments; resolves with the exit code. */
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

/** Commander has said it in words already. */
function usageExit({ exitCode, message }: CommanderError, args: readonly string[]): number {
  if (exitCode === 0) return EXIT.fine
  const error = new ProvisionError('MANIFEST', message.replace(/^error: /, ''))
  if (args.includes('--json')) writeDocument({ ok: false, error: errorDocument(error) })
  return EXIT.usage
}

function tellError(error: ProvisionError, args: readonly string[]): number {
  if (args.includes('--json')) writeDocument({ ok: false, error: errorDocument(error) })
  sayWords(errorText(error))
  return exitCodeOf(error)
}

/** Whoever reads our output may have read enough: `pve-provision schema | head`. */
function onBrokenPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(EXIT.fine)
  })
}

/** What nobody caught is a bug like any other: told once, then over. */
function onStrayError(args: readonly string[]): void {
  process.on('uncaughtException', (thrown) => process.exit(tellError(toProvisionError(thrown), args)))
}

function createProgram(finish: (exitCode: number) => void): Command {
  const program = new Command('pve-provision')
    .description('Machines on Proxmox VE from cloud images, declared in one file.')
    .version(VERSION, '-V, --version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(pve-provision --help tells more)')
    .addHelpText('after', ENVIRONMENT)
  /** A command whose action gives the exit code; `common` are the options that nearly all have. */
  const add = (parent: Command, name: string, description: string, { common = true } = {}) => {
    const [word = ''] = name.split(' ')
    const path = parent === program ? word : `${parent.name()} ${word}`
    const command = parent
      .command(name)
      .description(description)
      .addHelpText('after', EXAMPLES[path] ?? '')
    return common ? withCommonOptions(command) : command
  }
  addInit(add(program, 'init', 'write a first manifest', { common: false }), finish)
  add(program, 'validate', 'check the manifest; contacts nothing').action((options) => finish(validateCommand(options)))
  add(program, 'plan', 'show what apply would do, and why; changes nothing')
    .option('--detailed-exitcode', 'exit 0 when there is nothing to do, 2 when there are changes')
    .addOption(only())
    .option('--update-images', 'plan with what the vendors publish today, not with the lock file')
    .addOption(verify())
    .action(async (options) => finish(await planCommand(options)))
  add(program, 'apply', 'bring the machines about; asks before it changes anything')
    .option('--auto-approve', 'do not ask; needed where standard input is no terminal')
    .addOption(only())
    .option('--replace <name...>', 'destroy these machines and make them anew')
    .option('--stop-on-error', 'start nothing more after the first failure')
    .option('--update-images', 'move the lock file to what the vendors publish today')
    .addOption(verify())
    .action(async (options) => finish(await applyCommand(options)))
  add(program, 'destroy', 'remove the machines of this project, and nothing else')
    .option('--auto-approve', 'do not ask')
    .addOption(only())
    .action(async (options) => finish(await destroyCommand(options)))
  add(program, 'pin', 'write which bytes the images are today to pve-provision.lock').action(async (options) =>
    finish(await pinCommand(options)),
  )
  const images = program.command('images').description('images in the store here and on the storages')
  add(images, 'list', 'sizes, ages, and what uses them').action(async (options) => finish(await listImages(options)))
  add(images, 'prune', 'remove templates and image volumes that nobody uses any more')
    .option('--auto-approve', 'do not ask')
    .option('--store-days <days>', 'also drop what the store here has not used for so many days')
    .action(async (options) => finish(await pruneImages(options)))
  const facts = program.command('facts').description('what is remembered about the cluster')
  for (const deed of ['show', 'refresh', 'clear'] as const) {
    const words = { show: 'tell it', refresh: 'ask the cluster anew', clear: 'forget it' }
    add(facts, deed, words[deed]).action(async (options) => finish(await factsCommand(deed, options)))
  }
  add(program, 'doctor', 'check connection, privileges, storages and this machine').action(async (options) =>
    finish(await doctorCommand(options)),
  )
  add(program, 'schema', 'print the JSON Schema of the manifest', { common: false }).action(() =>
    finish(schemaCommand()),
  )
  add(program, 'completion <shell>', 'print a completion script for bash, zsh or fish', { common: false }).action(
    (shell) => finish(completionCommand(shell, program)),
  )
  return program
}

function addInit(command: Command, finish: (exitCode: number) => void): void {
  command
    .option('-f, --file <file>', 'the manifest to write', 'pve-provision.yaml')
    .option('--from-ansible <file>', 'convert the variables of the Ansible role')
    .option('--project <name>', 'name of the project')
    .option('--image <name>', 'an image that is known by name')
    .option('--node <name...>', 'nodes to use')
    .option('--images-storage <name>', 'storage for images')
    .option('--disks-storage <name>', 'storage for disks')
    .option('--bridge <name>', 'bridge of the first network card')
    .option('--user <name>', 'user in the machines')
    .option('--ssh-key <key>', 'public key of that user')
    .option('-y, --yes', 'take what was found, ask nothing')
    .option('--force', 'overwrite an existing file')
    .action(async (options) => finish(await initCommand(options)))
}

function only(): Option {
  return new Option('--only <name...>', 'only these machines, by name')
}

function verify(): Option {
  return new Option('--verify', 'hash the images in the store here again; what is wrong is fetched anew')
}

function withCommonOptions(command: Command): Command {
  return command
    .option('-f, --file <file>', 'the manifest', 'pve-provision.yaml')
    .option('--json', 'one JSON document on standard output, nothing else there')
    .option('--refresh', 'ask the cluster anew instead of using cached facts')
    .option('--verbose', 'tell more')
    .option('--no-color', 'no colour')
}
