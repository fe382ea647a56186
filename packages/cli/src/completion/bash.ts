// Creates the completion script for bash.
import { type Grammar, MACHINES_COMMAND, type Words } from './words.ts'

export function bashScript(grammar: Grammar): string {
  const { top, nested, fileOptions, machineOptions, choices, fileCommands, machineCommands } = grammar
  const branch = ({ path, next }: Words, pattern: string) =>
    `    ${pattern}) words='${next.map(({ text }) => text).join(' ')}' ;; # ${path}`
  const branches = [
    ...nested.map((words) => branch(words, `'${words.path}'`)),
    ...top.map((words) => branch(words, `'${words.path} '*`)),
  ]
  return `# pve-provision completion bash > /etc/bash_completion.d/pve-provision
_pve_provision() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words='' option='' file='' index
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    ${fileOptions.join('|')}) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
${choices.map(({ option, values }) => `    ${option}) mapfile -t COMPREPLY < <(compgen -W '${values.join(' ')}' -- "$word"); return ;;`).join('\n')}
  esac
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "\${COMP_WORDS[index]}" in
      -f|--file) file="\${COMP_WORDS[index+1]}"; option='-f' ;;
      -*) option="\${COMP_WORDS[index]}" ;;
    esac
  done
  case "$option $word" in
    *' -'*) ;;
    ${machineOptions.map((option) => `'${option} '*`).join('|')})
      words="$("\${COMP_WORDS[0]}" ${MACHINES_COMMAND} \${file:+--file "$file"} 2>/dev/null)"
      mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word"); return ;;
  esac
  case "$COMP_CWORD \${COMP_WORDS[1]} $word" in
    *' -'*) ;;
${fileCommands.map((name) => `    '2 ${name} '*) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;`).join('\n')}
${machineCommands.map((name) => `    '2 ${name} '*) mapfile -t COMPREPLY < <(compgen -W "$("\${COMP_WORDS[0]}" ${MACHINES_COMMAND} 2>/dev/null)" -- "$word"); return ;;`).join('\n')}
  esac
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${branches.join('\n')}
  esac
  [ "$COMP_CWORD" -eq 1 ] && words='${top.map(({ path }) => path).join(' ')} --version --help'
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _pve_provision pve-provision
`
}
