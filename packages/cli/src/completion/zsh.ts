// Writes the completion script for zsh.
import { type Grammar, MACHINES_COMMAND, type Word, type Words } from './words.ts'

export function zshScript(grammar: Grammar): string {
  const { top, nested, fileOptions, machineOptions, choices, fileCommands, machineCommands } = grammar
  const branch = ({ next }: Words, pattern: string) =>
    `    ${pattern}) offered=(\n${next.map((word) => `      '${described(word)}'`).join('\n')}\n    ) ;;`
  const branches = [
    ...nested.map((words) => branch(words, `'${words.path}'`)),
    ...top.map((words) => branch(words, `'${words.path} '*`)),
  ]
  return `#compdef pve-provision
# pve-provision completion zsh > "\${fpath[1]}/_pve-provision"
_pve_provision() {
  local -a commands offered file
  local option='' index
  commands=(
${top.map(({ path, description }) => `    '${described({ text: path, description })}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "$words[CURRENT-1]" in
    ${fileOptions.join('|')}) _files; return ;;
${choices.map(({ option, values }) => `    ${option}) compadd -- ${values.join(' ')}; return ;;`).join('\n')}
  esac
  for (( index = 2; index < CURRENT; index++ )); do
    case "$words[index]" in
      -f|--file) file=(--file "$words[index+1]"); option='-f' ;;
      -*) option="$words[index]" ;;
    esac
  done
  case "$option $words[CURRENT]" in
    *' -'*) ;;
    ${machineOptions.map((option) => `'${option} '*`).join('|')})
      compadd -- \${(f)"$("$words[1]" ${MACHINES_COMMAND} $file 2>/dev/null)"}; return ;;
  esac
  case "$CURRENT $words[2] $words[CURRENT]" in
    *' -'*) ;;
${fileCommands.map((name) => `    '3 ${name} '*) _files; return ;;`).join('\n')}
${machineCommands.map((name) => `    '3 ${name} '*) compadd -- \${(f)"$("$words[1]" ${MACHINES_COMMAND} 2>/dev/null)"}; return ;;`).join('\n')}
  esac
  case "$words[2] $words[3]" in
${branches.join('\n')}
  esac
  (( $#offered )) && _describe -o option offered
}
# As a file of fpath this is run by the first completion itself; elsewhere it only says what completes.
if [[ "$funcstack[1]" == _pve-provision ]]; then _pve_provision "$@"; else compdef _pve_provision pve-provision; fi
`
}

/** A colon in the word is escaped, because it separates word and description. */
function described({ text, description }: Word): string {
  const word = text.replaceAll(':', '\\:')
  return description === '' ? word : `${word}:${description}`
}
