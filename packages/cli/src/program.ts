// Defines the commands and their options for commander.
import { Command, InvalidArgumentError, Option } from 'commander'
import { MACHINES_COMMAND } from './completion/words.ts'
import { DEFAULT_FILE } from './options.ts'
import { ENVIRONMENT, EXAMPLES, EXIT_CODES, fitted, PLAN_EXIT_CODES } from './text/help.ts'
import { usageSentence } from './text/usage-sentence.ts'
import { traceTo } from './trace.ts'
import { VERSION } from './version.ts'

/** commander does not wrap descriptions with fewer columns than this. Its own value is too large for narrow terminals. */
const NARROWEST_HELP = 12

/** Receives the exit code of the command that ran. */
type Finish = (exitCode: number) => void

export function createProgram(finish: Finish): Command {
  const program = new Command('pve-provision')
    .description('Create and manage Proxmox VE machines from cloud images, with one YAML file.')
    .version(VERSION, '-V, --version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(see pve-provision --help)')
    .configureOutput({ outputError: (text, write) => write(`${usageSentence(text.trim())}\n`) })
    .configureHelp({ minWidthToWrap: NARROWEST_HELP })
    .addHelpText('after', () => fitted(`${ENVIRONMENT}\n${EXIT_CODES}`))
  program.hook('preAction', (_, command) => {
    const { trace } = command.opts<{ readonly trace?: string }>()
    if (trace !== undefined) traceTo(trace)
  })
  addInit(add(program, 'init', 'write a first manifest'), finish)
  addManifestCommands(program, finish)
  addChangingCommands(program, finish)
  addListCommand(program, finish)
  addImageCommands(add(program, 'images', 'images in the local store and on the storages'), finish)
  addFactsCommands(add(program, 'facts', 'cached facts about the cluster'), finish)
  add(program, 'doctor', 'check the connection, privileges, storages and your computer', LOCKED).action(
    async (options) => {
      const { doctorCommand } = await import('./commands/doctor.ts')
      finish(await doctorCommand(options))
    },
  )
  add(program, 'schema', 'print the JSON Schema of the manifest').action(async () => {
    const { schemaCommand } = await import('./commands/schema.ts')
    finish(schemaCommand())
  })
  add(program, 'completion <shell>', 'print a completion script for bash, zsh or fish').action(async (shell) => {
    const { completionCommand } = await import('./commands/completion.ts')
    finish(completionCommand(shell, program))
  })
  program
    .command(MACHINES_COMMAND, { hidden: true })
    .addOption(manifestFile())
    .addOption(variable())
    .action(async (options) => {
      const { machinesCommand } = await import('./commands/completion.ts')
      finish(machinesCommand(options))
    })
  return program
}

type Common = (command: Command) => Command

/** Adds a command with its examples and the options that similar commands share. */
function add(parent: Command, name: string, description: string, common: Common = (command) => command): Command {
  const [word = ''] = name.split(' ')
  const path = parent.parent === null ? word : `${parent.name()} ${word}`
  return common(parent.command(name).description(description)).addHelpText('after', () => fitted(EXAMPLES[path] ?? ''))
}

function addManifestCommands(program: Command, finish: Finish): void {
  add(program, 'validate', 'check the manifest, without contacting anything', LOCKED)
    .option('--cloud-init-schema', 'check cloud-config documents against the schema of the installed cloud-init')
    .action(async (options) => {
      const { validateCommand } = await import('./commands/validate.ts')
      finish(await validateCommand(options))
    })
  add(program, 'plan', 'show what apply would do, without changing anything', CHOOSING)
    .option('--detailed-exitcode', 'exit 2 if anything differs from the manifest, else 0')
    .option('--out <file>', 'save the plan for `apply FILE`')
    .option('--destroy', 'show what destroy would remove')
    .option('--update-images', 'ignore the lock file and use the newest images')
    .addOption(verify())
    .addHelpText('after', () => fitted(PLAN_EXIT_CODES))
    .action(async (options) => {
      const { planCommand } = await import('./commands/plan.ts')
      finish(await planCommand(options))
    })
}

function addListCommand(program: Command, finish: Finish): void {
  add(program, 'list', 'list the machines of the project with node, state and addresses', PLANNING)
    .addOption(only())
    .option('--format <format>', 'table, json, ansible (an inventory), ssh (a config) or hosts', 'table')
    .action(async (options) => {
      const { listCommand } = await import('./commands/list.ts')
      finish(await listCommand(options))
    })
}

function addChangingCommands(program: Command, finish: Finish): void {
  add(program, 'apply [plan]', 'create and update machines, after asking', CHOOSING)
    .option('--auto-approve', 'do not ask; required without a terminal')
    .option('--stop-on-error', 'start no new steps after the first failure')
    .option('--keep-failed', 'keep the VM of a failed image build for inspection')
    .option('--update-images', 'use the newest images and update the lock file')
    .addOption(verify())
    .action(async (planFile, options) => {
      const { applyCommand } = await import('./commands/apply.ts')
      finish(await applyCommand(planFile, options))
    })
  add(program, 'destroy', 'remove the machines of the project and their templates, and nothing else', PLANNING)
    .option('--auto-approve', 'do not ask')
    .addOption(only())
    .option('--expired', 'only machines whose `expires` has passed')
    .action(async (options) => {
      const { destroyCommand } = await import('./commands/destroy.ts')
      finish(await destroyCommand(options))
    })
  add(program, 'adopt [name] [vmid]', 'adopt an existing VM as a machine of the manifest', PLANNING)
    .option('--all', 'every machine whose name matches a VM that belongs to no project')
    .option('--from-others', 'also VMs of other projects')
    .option('--auto-approve', 'do not ask')
    .action(async (name, vmid, options) => {
      const { adoptCommand } = await import('./commands/adopt.ts')
      finish(await adoptCommand(name, vmid, options))
    })
  add(program, 'pin', 'pin images to their current builds in pve-provision.lock', LOCKED).action(async (options) => {
    const { pinCommand } = await import('./commands/pin.ts')
    finish(await pinCommand(options))
  })
}

function addImageCommands(images: Command, finish: Finish): void {
  add(images, 'list', 'list images with size, age and use', PLANNING).action(async (options) => {
    const { listImages } = await import('./commands/list-images.ts')
    finish(await listImages(options))
  })
  add(images, 'prune', 'remove unused templates and image volumes', PLANNING)
    .option('--auto-approve', 'do not ask')
    .option('--store-days <days>', 'also remove files from the local store that were unused for this many days')
    .action(async (options) => {
      const { pruneImages } = await import('./commands/prune-images.ts')
      finish(await pruneImages(options))
    })
}

function addFactsCommands(facts: Command, finish: Finish): void {
  for (const operation of ['show', 'refresh', 'clear'] as const) {
    const words = { show: 'show what is cached', refresh: 'read the cluster again', clear: 'delete the cached facts' }
    add(facts, operation, words[operation], LOOKING).action(async (options) => {
      const { factsCommand } = await import('./commands/facts.ts')
      finish(await factsCommand(operation, options))
    })
  }
}

function addInit(command: Command, finish: Finish): void {
  command
    .option('-f, --file <file>', 'the manifest to write', 'pve-provision.yaml')
    .option('--from-ansible <file>', 'convert the variables of the Ansible role')
    .option(
      '--from-cluster [machine...]',
      "write existing VMs: all, or those with these names or patterns such as 'db-*'",
    )
    .option('--project <name>', 'name of the project')
    .option('--image <name>', 'name of a known image')
    .option('--node <name...>', 'nodes to use')
    .option('--images-storage <name>', 'storage for images')
    .option('--disks-storage <name>', 'storage for disks')
    .option('--bridge <name>', 'bridge of the first network card')
    .option('--pool <name>', 'pool of the machines')
    .option('--user <name>', 'user in the machines')
    .option('--ssh-key <key>', 'public key of that user')
    .option('-y, --yes', 'do not ask; use what was found')
    .option('--force', 'overwrite an existing file')
    .action(async (options) => {
      const { initCommand } = await import('./commands/init.ts')
      finish(await initCommand(options))
    })
}

/** May be given several times. The first value replaces the default. */
function manifestFile(): Option {
  const files = [DEFAULT_FILE]
  return new Option('-f, --file <file>', 'manifest file, folder, or - for standard input; may be repeated')
    .default(files, DEFAULT_FILE)
    .argParser((file: string, before: readonly string[]) => (before === files ? [file] : [...before, file]))
}

function variable(): Option {
  return new Option('--var <name=value>', 'set ${var:NAME} of the manifest; may be repeated').argParser(
    (text: string, before: readonly string[] | undefined) => [...(before ?? []), text],
  )
}

function only(): Option {
  return new Option('--only <machine...>', "only these machines: names, entries, or patterns such as 'db-*'")
}

function batch(): Option {
  return new Option('--batch <n>', 'machines at a time in a roll-out (default: `rollout.batch`, else 1)').argParser(
    (text) => {
      const count = Number(text)
      if (Number.isInteger(count) && count > 0) return count
      throw new InvalidArgumentError('It must be a whole number of 1 or more.')
    },
  )
}

function replace(): Option {
  return new Option('--replace <machine...>', 'replace these machines by new ones, batch by batch')
}

function withoutNode(): Option {
  return new Option(
    '--without-node <node...>',
    'create nothing on these nodes; with --move, move machines away from them',
  )
}

function prune(): Option {
  return new Option('--prune', 'remove machines and disks that are no longer in the manifest')
}

function allowNamesake(): Option {
  return new Option('--allow-namesake', 'create a machine even if another VM has its name')
}

function verify(): Option {
  return new Option('--verify', 'check the images in the local store, and download damaged ones again')
}

/** Options of all commands that read a manifest. Options without an effect are accepted but hidden. */
function common({ isPlanning, readsLock }: { readonly isPlanning: boolean; readonly readsLock: boolean }): Common {
  const lockFile = () =>
    new Option('--lock-file <file>', 'lock file (default: pve-provision.lock beside the manifest)').hideHelp(!readsLock)
  const planning = (flags: string, description: string) => new Option(flags, description).hideHelp(!isPlanning)
  return (command) =>
    command
      .addOption(manifestFile())
      .addOption(variable())
      .addOption(lockFile())
      .option('--json', 'print one JSON document')
      .addOption(planning('--refresh', 'ignore cached facts about the cluster'))
      .addOption(planning('--verbose', 'show more: unchanged machines, each step, notes'))
      .option('--no-color', 'no colour')
      .option('--trace <file>', 'log each request to this file, one JSON document per line')
}

const PLANNING = common({ isPlanning: true, readsLock: true })
const LOCKED = common({ isPlanning: false, readsLock: true })
const LOOKING = common({ isPlanning: false, readsLock: false })

/** Options of `plan` and `apply`: which machines, and which operations are allowed. */
const CHOOSING: Common = (command) =>
  PLANNING(command)
    .addOption(only())
    .addOption(replace())
    .option(
      '--replace-outdated',
      'replace all machines with an older build of their image that would lose no more than their boot disk',
    )
    .option('--restart', 'restart machines that have changes waiting for it')
    .option('--move', 'move machines to the node in the manifest, and disks to its storage')
    .addOption(withoutNode())
    .addOption(batch())
    .addOption(prune())
    .addOption(allowNamesake())
