// Defines the commands and their options for commander.
import { Command, InvalidArgumentError, Option } from 'commander'
import { adoptCommand } from './commands/adopt.ts'
import { applyCommand } from './commands/apply.ts'
import { completionCommand, machinesCommand } from './commands/completion.ts'
import { destroyCommand } from './commands/destroy.ts'
import { doctorCommand } from './commands/doctor.ts'
import { factsCommand } from './commands/facts.ts'
import { initCommand } from './commands/init.ts'
import { listCommand } from './commands/list.ts'
import { listImages } from './commands/list-images.ts'
import { pinCommand } from './commands/pin.ts'
import { planCommand } from './commands/plan.ts'
import { pruneImages } from './commands/prune-images.ts'
import { schemaCommand } from './commands/schema.ts'
import { validateCommand } from './commands/validate.ts'
import { MACHINES_COMMAND } from './completion/words.ts'
import { DEFAULT_FILE } from './options.ts'
import { ENVIRONMENT, EXAMPLES, EXIT_CODES, PLAN_EXIT_CODES } from './text/help.ts'
import { traceTo } from './trace.ts'
import { VERSION } from './version.ts'

/** Receives the exit code of the command that ran. */
type Finish = (exitCode: number) => void

export function createProgram(finish: Finish): Command {
  const program = new Command('pve-provision')
    .description('Machines on Proxmox VE from cloud images, declared in one file.')
    .version(VERSION, '-V, --version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(pve-provision --help tells more)')
    .addHelpText('after', `${ENVIRONMENT}\n${EXIT_CODES}`)
  program.hook('preAction', (_, command) => {
    const { trace } = command.opts<{ readonly trace?: string }>()
    if (trace !== undefined) traceTo(trace)
  })
  addInit(add(program, 'init', 'write a first manifest'), finish)
  addManifestCommands(program, finish)
  addChangingCommands(program, finish)
  addListCommand(program, finish)
  addImageCommands(add(program, 'images', 'images in the store here and on the storages'), finish)
  addFactsCommands(add(program, 'facts', 'what is remembered about the cluster'), finish)
  add(program, 'doctor', 'check connection, privileges, storages and this machine', LOCKED).action(async (options) =>
    finish(await doctorCommand(options)),
  )
  add(program, 'schema', 'print the JSON Schema of the manifest').action(() => finish(schemaCommand()))
  add(program, 'completion <shell>', 'print a completion script for bash, zsh or fish').action((shell) =>
    finish(completionCommand(shell, program)),
  )
  program
    .command(MACHINES_COMMAND, { hidden: true })
    .addOption(manifestFile())
    .addOption(variable())
    .action((options) => finish(machinesCommand(options)))
  return program
}

type Common = (command: Command) => Command

/** Adds a command with its examples and the options that similar commands share. */
function add(parent: Command, name: string, description: string, common: Common = (command) => command): Command {
  const [word = ''] = name.split(' ')
  const path = parent.parent === null ? word : `${parent.name()} ${word}`
  return common(parent.command(name).description(description)).addHelpText('after', EXAMPLES[path] ?? '')
}

function addManifestCommands(program: Command, finish: Finish): void {
  add(program, 'validate', 'check the manifest; contacts nothing', LOCKED)
    .option('--cloud-init-schema', 'hold cloud-config documents against the schema of the cloud-init installed here')
    .action(async (options) => finish(await validateCommand(options)))
  add(program, 'plan', 'show what apply would do, and why; changes nothing', CHOOSING)
    .option('--detailed-exitcode', 'exit 0 when everything is as declared, 2 when it is not')
    .option('--out <file>', 'save the plan, for `apply FILE`')
    .option('--destroy', 'show what destroy would remove')
    .option('--update-images', 'plan with what the vendors publish today, not with the lock file')
    .addOption(verify())
    .addHelpText('after', PLAN_EXIT_CODES)
    .action(async (options) => finish(await planCommand(options)))
}

function addListCommand(program: Command, finish: Finish): void {
  add(program, 'list', 'the machines of the project: where they are, and how they are reached', PLANNING)
    .addOption(only())
    .option('--format <format>', 'table, json, ansible (an inventory), ssh (a config) or hosts', 'table')
    .action(async (options) => finish(await listCommand(options)))
}

function addChangingCommands(program: Command, finish: Finish): void {
  add(program, 'apply [plan]', 'create and update machines; asks before it changes anything', CHOOSING)
    .option('--auto-approve', 'do not ask; needed where standard input is no terminal')
    .option('--stop-on-error', 'start nothing more after the first failure')
    .option('--update-images', 'move the lock file to what the vendors publish today')
    .addOption(verify())
    .action(async (planFile, options) => finish(await applyCommand(planFile, options)))
  add(program, 'destroy', 'remove the machines of this project and the templates made for them, nothing else', PLANNING)
    .option('--auto-approve', 'do not ask')
    .addOption(only())
    .option('--expired', 'only machines whose time (`expires`) is over')
    .action(async (options) => finish(await destroyCommand(options)))
  add(program, 'adopt [name] [vmid]', 'take over a VM that is there, as a machine of the manifest', PLANNING)
    .option('--all', 'every machine of the manifest whose VM is there under its name, without our marker')
    .option('--from-others', 'also VMs that belong to another project')
    .option('--auto-approve', 'do not ask')
    .action(async (name, vmid, options) => finish(await adoptCommand(name, vmid, options)))
  add(program, 'pin', 'write which bytes the images are today to pve-provision.lock', LOCKED).action(async (options) =>
    finish(await pinCommand(options)),
  )
}

function addImageCommands(images: Command, finish: Finish): void {
  add(images, 'list', 'sizes, ages, and what uses them', PLANNING).action(async (options) =>
    finish(await listImages(options)),
  )
  add(images, 'prune', 'remove templates and image volumes that nothing uses any more', PLANNING)
    .option('--auto-approve', 'do not ask')
    .option('--store-days <days>', 'also drop what the store here has not used for so many days')
    .action(async (options) => finish(await pruneImages(options)))
}

function addFactsCommands(facts: Command, finish: Finish): void {
  for (const operation of ['show', 'refresh', 'clear'] as const) {
    const words = { show: 'show what is cached', refresh: 'read the cluster again', clear: 'delete it' }
    add(facts, operation, words[operation], LOOKING).action(async (options) =>
      finish(await factsCommand(operation, options)),
    )
  }
}

function addInit(command: Command, finish: Finish): void {
  command
    .option('-f, --file <file>', 'the manifest to write', 'pve-provision.yaml')
    .option('--from-ansible <file>', 'convert the variables of the Ansible role')
    .option(
      '--from-cluster [machine...]',
      "write the machines that are there: all, or names or patterns such as 'db-*'",
    )
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

/** May be given several times. The first value replaces the default. */
function manifestFile(): Option {
  const files = [DEFAULT_FILE]
  return new Option('-f, --file <file>', 'the manifest; several in their order, a folder, or - for standard input')
    .default(files, DEFAULT_FILE)
    .argParser((file: string, before: readonly string[]) => (before === files ? [file] : [...before, file]))
}

function variable(): Option {
  return new Option(
    '--var <name=value>',
    'the value of ${var:NAME} in the manifest; may be given several times',
  ).argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text])
}

function only(): Option {
  return new Option(
    '--only <machine...>',
    "only these machines: names, entries of the manifest, or patterns such as 'db-*'",
  )
}

function batch(): Option {
  return new Option('--batch <n>', 'machines at once in a roll-out (default: `rollout.batch`, else 1)').argParser(
    (text) => {
      const count = Number(text)
      if (Number.isInteger(count) && count > 0) return count
      throw new InvalidArgumentError('It must be a number from 1.')
    },
  )
}

function replace(): Option {
  return new Option('--replace <machine...>', 'put new machines in the place of these, one batch after the other')
}

function prune(): Option {
  return new Option(
    '--prune',
    'remove the machines of the project that the manifest does not name, and disks that it no longer names',
  )
}

function allowNamesake(): Option {
  return new Option('--allow-namesake', 'go on where a machine that is not ours has the name of a new one')
}

function verify(): Option {
  return new Option('--verify', 'hash the images in the store here again; damaged images are downloaded again')
}

/** Options of all commands that read a manifest. Options without an effect are accepted but hidden. */
function common({ isPlanning, readsLock }: { readonly isPlanning: boolean; readonly readsLock: boolean }): Common {
  const lockFile = () =>
    new Option('--lock-file <file>', 'pinned images (default: pve-provision.lock beside the manifest)').hideHelp(
      !readsLock,
    )
  const planning = (flags: string, description: string) => new Option(flags, description).hideHelp(!isPlanning)
  return (command) =>
    command
      .addOption(manifestFile())
      .addOption(variable())
      .addOption(lockFile())
      .option('--json', 'one JSON document on standard output, nothing else there')
      .addOption(planning('--refresh', 'read the cluster again instead of using cached facts'))
      .addOption(planning('--verbose', 'tell more: what is kept as well, and notes while it runs'))
      .option('--no-color', 'no colour')
      .option('--trace <file>', 'write each request as a line of JSON to this file')
}

const PLANNING = common({ isPlanning: true, readsLock: true })
const LOCKED = common({ isPlanning: false, readsLock: true })
const LOOKING = common({ isPlanning: false, readsLock: false })

/** Options of `plan` and `apply`: which machines, and which operations are allowed. */
const CHOOSING: Common = (command) =>
  PLANNING(command)
    .addOption(only())
    .addOption(replace())
    .option('--replace-outdated', 'the same for all that are made from an older build of their image')
    .option('--restart', 'restart machines for which a change waits')
    .option('--move', 'move machines to the node that the manifest names, and disks to the storage')
    .addOption(batch())
    .addOption(prune())
    .addOption(allowNamesake())
