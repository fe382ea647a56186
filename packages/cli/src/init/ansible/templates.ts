// Resolves Ansible templates as far as the file itself contains the values: its variables, files and the environment.
import { isMapping, type Mapping, textOf } from './values.ts'

const VARIABLE = /\{\{\s*([A-Za-z_]\w*)\s*(?:\|\s*(?:default\([^)]*\)|string|int|trim)\s*)*\}\}/g
const LOOKUP =
  /^\{\{\s*(?:lookup|query)\(\s*['"](?:ansible\.builtin\.)?(file|env)['"]\s*,\s*(.+?)\s*\)\s*(?:\|\s*\w+\s*)*\}\}$/
const HOME =
  /^(?:lookup\(\s*['"](?:ansible\.builtin\.)?env['"]\s*,\s*['"]HOME['"]\s*\)|ansible_env\.HOME|ansible_facts\[['"]env['"]\]\[['"]HOME['"]\])$/
/** `~` or `+` outside quotes. */
const JOINED = /\s*[~+]\s*(?=(?:[^'"]*['"][^'"]*['"])*[^'"]*$)/
const FOLDER = /^(?:playbook_dir|role_path|inventory_dir)$/

/** What a lookup reads: a file next to this one, or an environment variable. */
export interface Lookup {
  readonly kind: 'file' | 'env'
  readonly name: string
}

/** `{{ lookup('file', '~/.ssh/id.pub') }}`. Returns undefined for another value. */
export function lookupIn(value: unknown): Lookup | undefined {
  const [, kind, words = ''] = LOOKUP.exec(textOf(value).trim()) ?? []
  const name = pathOf(words)
  return kind === undefined || name === undefined ? undefined : { kind: kind as Lookup['kind'], name }
}

/** `lookup('env', 'HOME') + '/.ssh/id.pub'` → `~/.ssh/id.pub`. Returns undefined if a part is unknown. */
function pathOf(words: string): string | undefined {
  const parts = words.split(JOINED).map((part) => {
    const [, quoted] = /^['"]([^'"]*)['"]$/.exec(part) ?? []
    if (quoted !== undefined) return quoted.includes('{{') ? undefined : quoted
    if (HOME.test(part)) return '~'
    return FOLDER.test(part) ? '.' : undefined
  })
  return parts.includes(undefined) ? undefined : parts.join('')
}

/** Returns the name of the variable if it is the whole value: `{{ vault_password }}`. */
export function variableIn(value: unknown): string | undefined {
  return /^\{\{\s*([A-Za-z_]\w*)\s*\}\}$/.exec(textOf(value).trim())?.[1]
}

/** Replaces variables in the values. Adds the names of used variables to `used`. */
export function resolved(values: Mapping, variables: Mapping, used: Set<string>): Mapping {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, resolve(value, { variables, used, depth: 0 })]),
  )
}

interface Resolving {
  readonly variables: Mapping
  readonly used: Set<string>
  readonly depth: number
}

const DEEPEST = 8

function resolve(value: unknown, resolving: Resolving): unknown {
  if (typeof value === 'string') return resolveText(value, resolving)
  if (Array.isArray(value)) return value.map((entry) => resolve(entry, resolving))
  if (!isMapping(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, resolve(entry, resolving)]))
}

function resolveText(text: string, { variables, used, depth }: Resolving): unknown {
  const whole = variableIn(text)
  const own = whole === undefined ? undefined : variables[whole]
  if (whole !== undefined && own !== undefined && depth < DEEPEST) {
    used.add(whole)
    return resolve(own, { variables, used, depth: depth + 1 })
  }
  return text.replaceAll(VARIABLE, (template: string, name: string) => {
    const value = variables[name]
    if (textOf(value) === '' || depth >= DEEPEST) return template
    used.add(name)
    return textOf(resolve(value, { variables, used, depth: depth + 1 }))
  })
}
