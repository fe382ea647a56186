// `completion bash | zsh | fish`: a script for the shell, made from the commands themselves.

import { ProvisionError } from '@pve-provision/core'
import type { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import { writeText } from '../text/output.ts'

interface Words {
  readonly name: string
  readonly description: string
  readonly flags: readonly string[]
}

export function completionCommand(shell: string, program: Command): number {
  const commands = program.commands.map(wordsOf)
  const scripts: Record<string, (commands: readonly Words[]) => string> = { bash, zsh, fish }
  const script = scripts[shell]
  if (script === undefined) {
    throw new ProvisionError('MANIFEST', `There is no completion for ${shell}.`, {
      hint: 'Known are bash, zsh and fish.',
    })
  }
  writeText(script(commands))
  return EXIT.fine
}

function wordsOf(command: Command): Words {
  const inner = command.commands.map((child) => child.name())
  const flags = command.options.flatMap(({ long }) => (long ? [long] : []))
  return { name: command.name(), description: command.description(), flags: [...inner, ...flags] }
}

function bash(commands: readonly Words[]): string {
  const cases = commands.map(({ name, flags }) => `    ${name}) words="${flags.join(' ')}" ;;`)
  return `# pve-provision completion bash > /etc/bash_completion.d/pve-provision
_pve_provision() {
  local words="${commands.map(({ name }) => name).join(' ')}"
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="${commands.map(({ name }) => name).join(' ')}"
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    -f|--file) COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")); return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _pve_provision pve-provision
`
}

function zsh(commands: readonly Words[]): string {
  const list = commands.map(({ name, description }) => `    '${name}:${description.replaceAll("'", '’')}'`)
  const cases = commands.map(({ name, flags }) => `    ${name}) compadd -- ${flags.join(' ')} ;;`)
  return `#compdef pve-provision
# pve-provision completion zsh > "\${fpath[1]}/_pve-provision"
_pve_provision() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "$words[CURRENT-1]" in (-f|--file) _files; return ;; esac
  case "$words[2]" in
${cases.join('\n')}
  esac
}
compdef _pve_provision pve-provision
`
}

function fish(commands: readonly Words[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  const lines = commands.flatMap(({ name, description, flags }) => [
    `complete -c pve-provision -n "not __fish_seen_subcommand_from ${names}" -a ${name} -d '${description.replaceAll("'", '’')}'`,
    ...flags.map((flag) =>
      flag.startsWith('--')
        ? `complete -c pve-provision -n "__fish_seen_subcommand_from ${name}" -l ${flag.slice(2)}`
        : `complete -c pve-provision -n "__fish_seen_subcommand_from ${name}" -a ${flag}`,
    ),
  ])
  return `# pve-provision completion fish > ~/.config/fish/completions/pve-provision.fish\n${lines.join('\n')}\n`
}
