// Creates the completion script for zsh.
import { type Grammar, MACHINES_COMMAND, type Words } from './words.ts'

export function zshScript({ top, nested, fileOptions, machineOptions }: Grammar): string {
  const branch = ({ next }: Words, pattern: string) => `    ${pattern}) compadd -- ${next.join(' ')} ;;`
  const branches = [
    ...nested.map((words) => branch(words, `'${words.path}'`)),
    ...top.map((words) => branch(words, `'${words.path} '*`)),
  ]
  return `#compdef pve-provision
# pve-provision completion zsh > "\${fpath[1]}/_pve-provision"
_pve_provision() {
  local -a commands file
  local option='' index
  commands=(
${top.map(({ path, description }) => `    '${path}:${description}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "$words[CURRENT-1]" in (${fileOptions.join('|')}) _files; return ;; esac
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
  case "$words[2] $words[3]" in
${branches.join('\n')}
  esac
}
compdef _pve_provision pve-provision
`
}
