// `completion bash | zsh | fish`: a script for the shell, made from the commands themselves.
import { ProvisionError } from '@pve-provision/core'
import type { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import { writeText } from '../text/output.ts'

interface Words {
  /** `images`, or `images list`. */
  readonly path: string
  readonly description: string
  /** What may follow: commands below it, arguments that are one of a few words, options. */
  readonly next: readonly string[]
}

const SHELLS = ['bash', 'zsh', 'fish']

export function completionCommand(shell: string, program: Command): number {
  const scripts: Record<string, (commands: readonly Words[], files: readonly string[]) => string> = { bash, zsh, fish }
  const script = scripts[shell]
  if (script === undefined) {
    throw new ProvisionError('MANIFEST', `There is no completion for ${shell}.`, {
      hint: `Known are ${SHELLS.join(', ')}.`,
    })
  }
  writeText(script(program.commands.flatMap(wordsOf), fileOptions(program)))
  return EXIT.fine
}

function wordsOf(command: Command): readonly Words[] {
  return [
    wordsAt(command, command.name()),
    ...command.commands.map((child) => wordsAt(child, `${command.name()} ${child.name()}`)),
  ]
}

function wordsAt(command: Command, path: string): Words {
  const children = command.commands.map((child) => child.name())
  const shells = path === 'completion' ? SHELLS : []
  const options = command.options.flatMap(({ long }) => long ?? [])
  return {
    path,
    description: command.description().replaceAll("'", '’'),
    next: [...children, ...shells, ...options, '--help'],
  }
}

/** Options whose value is a file. */
function fileOptions(program: Command): readonly string[] {
  const options = program.commands.flatMap((command) => [
    ...command.options,
    ...command.commands.flatMap((child) => child.options),
  ])
  const withFile = options.filter(({ flags }) => flags.includes('<file>'))
  return [...new Set(withFile.flatMap(({ short, long }) => [short ?? [], long ?? []].flat()))]
}

const topOf = (commands: readonly Words[]) => commands.filter(({ path }) => !path.includes(' '))
const nestedOf = (commands: readonly Words[]) => commands.filter(({ path }) => path.includes(' '))

function bash(commands: readonly Words[], files: readonly string[]): string {
  const nested = nestedOf(commands).map(({ path, next }) => `    '${path}') words='${next.join(' ')}' ;;`)
  const top = topOf(commands).map(({ path, next }) => `    '${path} '*) words='${next.join(' ')}' ;;`)
  return `# pve-provision completion bash > /etc/bash_completion.d/pve-provision
_pve_provision() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=''
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    ${files.join('|')}) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
  esac
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${[...nested, ...top].join('\n')}
  esac
  [ "$COMP_CWORD" -eq 1 ] && words='${topOf(commands)
    .map(({ path }) => path)
    .join(' ')} --version --help'
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _pve_provision pve-provision
`
}

function zsh(commands: readonly Words[], files: readonly string[]): string {
  const list = topOf(commands).map(({ path, description }) => `    '${path}:${description}'`)
  const nested = nestedOf(commands).map(({ path, next }) => `    '${path}') compadd -- ${next.join(' ')} ;;`)
  const top = topOf(commands).map(({ path, next }) => `    '${path} '*) compadd -- ${next.join(' ')} ;;`)
  return `#compdef pve-provision
# pve-provision completion zsh > "\${fpath[1]}/_pve-provision"
_pve_provision() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "$words[CURRENT-1]" in (${files.join('|')}) _files; return ;; esac
  case "$words[2] $words[3]" in
${[...nested, ...top].join('\n')}
  esac
}
compdef _pve_provision pve-provision
`
}

function fish(commands: readonly Words[], files: readonly string[]): string {
  const first = topOf(commands).map(
    ({ path, description }) => `complete -c pve-provision -f -n __fish_use_subcommand -a ${path} -d '${description}'`,
  )
  const top = topOf(commands).flatMap(({ path, next }) => {
    const children = nestedOf(commands).flatMap((child) =>
      child.path.startsWith(`${path} `) ? [child.path.split(' ')[1]] : [],
    )
    const without = children.length > 0 ? `; and not __fish_seen_subcommand_from ${children.join(' ')}` : ''
    return fishLines(next, `__fish_seen_subcommand_from ${path}${without}`, files)
  })
  const nested = nestedOf(commands).flatMap(({ path, next }) =>
    fishLines(
      next,
      path
        .split(' ')
        .map((word) => `__fish_seen_subcommand_from ${word}`)
        .join('; and '),
      files,
    ),
  )
  return `# pve-provision completion fish > ~/.config/fish/completions/pve-provision.fish
${[...first, ...top, ...nested].join('\n')}
`
}

function fishLines(next: readonly string[], condition: string, files: readonly string[]): readonly string[] {
  return next.map((word) => {
    if (!word.startsWith('--')) return `complete -c pve-provision -f -n '${condition}' -a ${word}`
    return `complete -c pve-provision ${files.includes(word) ? '-r -F' : '-f'} -n '${condition}' -l ${word.slice(2)}`
  })
}
