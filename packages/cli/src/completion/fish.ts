// Creates the completion script for fish.
import { type Grammar, MACHINES_COMMAND, type Words } from './words.ts'

export function fishScript(grammar: Grammar): string {
  const { top, nested, machineOptions, machineCommands } = grammar
  const first = top.map(
    ({ path, description }) => `complete -c pve-provision -f -n __fish_use_subcommand -a ${path} -d '${description}'`,
  )
  const lines = [
    ...top.flatMap((words) => linesOf(words, conditionOf(words, nested), grammar)),
    ...nested.flatMap((words) => linesOf(words, conditionOf(words, []), grammar)),
  ]
  return `# pve-provision completion fish > ~/.config/fish/completions/pve-provision.fish
function __pve_provision_machines
  set -l tokens (commandline -opc)
  set -l file
  for index in (seq (count $tokens))
    contains -- $tokens[$index] -f --file; and set file --file $tokens[(math $index + 1)]
  end
  pve-provision ${MACHINES_COMMAND} $file 2>/dev/null
end
function __pve_provision_wants_machines
  set -l options (commandline -opc | string match -- '-*')
  contains -- "$options[-1]" ${machineOptions.join(' ')}
end
complete -c pve-provision -f -n __pve_provision_wants_machines -a '(__pve_provision_machines)'
${machineCommands.map((name) => `complete -c pve-provision -f -n '__fish_seen_subcommand_from ${name}' -a '(__pve_provision_machines)'`).join('\n')}
${[...first, ...lines].join('\n')}
`
}

/** Returns the condition for offering the words of a command. It excludes the values of a machine option. */
function conditionOf({ path }: Words, nested: readonly Words[]): string {
  const below = nested.flatMap((child) => (child.path.startsWith(`${path} `) ? child.path.split(' ').slice(1) : []))
  return [
    ...path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`),
    ...(below.length > 0 ? [`not __fish_seen_subcommand_from ${below.join(' ')}`] : []),
  ].join('; and ')
}

function linesOf({ next }: Words, condition: string, grammar: Grammar): readonly string[] {
  const { fileOptions, machineOptions, choices } = grammar
  return next.map(({ text: word, description }) => {
    const means = description === '' ? '' : ` -d '${description}'`
    if (!word.startsWith('--')) return `complete -c pve-provision -f -n '${condition}' -a ${word}${means}`
    const value = fileOptions.includes(word) ? '-r -F' : '-f'
    const words = choices.find(({ option }) => option === word)?.values.join(' ')
    const offered = machineOptions.includes(word) ? '(__pve_provision_machines)' : words
    const machines = offered === undefined ? '' : ` -a '${offered}'`
    const takes = offered === undefined ? value : '-x'
    return `complete -c pve-provision ${takes} -n '${condition}' -l ${word.slice(2)}${machines}${means}`
  })
}
