// Repeats a task for each entry of its loop, as far as the file itself has the entries.
import { variableIn } from './templates.ts'
import { isMapping, type Mapping, textOf } from './values.ts'

const LOOPS = ['loop', 'with_items', 'with_list', 'with_dict']

/** Returns the arguments of a task, once for each entry of its loop. Without a known loop, returns them unchanged. */
export function repeated(args: Mapping, task: Mapping, variables: Mapping): readonly Mapping[] {
  const items = itemsOf(task, variables)
  if (items === undefined) return [args]
  const { loop_control: control } = task
  const variable = (isMapping(control) && textOf(control.loop_var)) || 'item'
  return items.map((item) => withItem(args, { variable, item }) as Mapping)
}

/** Returns the variable with the entries of a task's loop. */
export function loopVariable(task: Mapping): string | undefined {
  const key = LOOPS.find((name) => name in task)
  return key && variableIn(textOf(task[key]).replace(/\|\s*(?:dict2items|list|flatten)\s*(?=[|}])/g, ''))
}

function itemsOf(task: Mapping, variables: Mapping): readonly unknown[] | undefined {
  const key = LOOPS.find((name) => name in task)
  if (key === undefined) return undefined
  const name = loopVariable(task)
  const value = name === undefined ? task[key] : variables[name]
  if (Array.isArray(value)) return value
  return isMapping(value) ? Object.entries(value).map(([own, entry]) => ({ key: own, value: entry })) : undefined
}

interface Repeating {
  readonly variable: string
  readonly item: unknown
}

function withItem(value: unknown, repeating: Repeating): unknown {
  if (typeof value === 'string') return inText(value, repeating)
  if (Array.isArray(value)) return value.map((entry) => withItem(entry, repeating))
  if (!isMapping(value)) return value
  const entries = Object.entries(value).map(([key, entry]) => [key, withItem(entry, repeating)] as const)
  return Object.fromEntries(entries.filter(([, entry]) => entry !== undefined))
}

/** `{{ item.cores | default(2) }}`; a template that is the whole value keeps the kind of its value. */
function inText(text: string, repeating: Repeating): unknown {
  const template = new RegExp(
    `\\{\\{\\s*${repeating.variable}((?:\\.\\w+|\\[['"]\\w+['"]\\])*)\\s*((?:\\|\\s*\\w+(?:\\([^)]*\\))?\\s*)*)\\}\\}`,
    'g',
  )
  const [whole] = text.matchAll(template)
  if (whole !== undefined && whole[0] === text.trim()) {
    const found = valueIn(whole, repeating)
    return found.isKnown ? found.value : text
  }
  return text.replaceAll(template, (...match: string[]) => {
    const found = valueIn(match, repeating)
    return found.isKnown ? textOf(found.value) : (match[0] ?? '')
  })
}

interface Found {
  readonly isKnown: boolean
  /** Undefined for `default(omit)`. */
  readonly value?: unknown
}

function valueIn([, path = '', filters = '']: readonly string[], { item }: Repeating): Found {
  const keys = path.match(/\w+/g) ?? []
  const value = keys.reduce<unknown>((at, key) => (isMapping(at) ? at[key] : undefined), item)
  if (value !== undefined)
    return /\b(?!default|d\b|int|string|trim|bool|list)\w+/.test(names(filters)) ? UNKNOWN : { isKnown: true, value }
  const [, usual] = /\|\s*(?:default|d)\(\s*([^)]*?)\s*(?:,\s*true\s*)?\)/i.exec(filters) ?? []
  return usual === undefined ? UNKNOWN : literal(usual)
}

const UNKNOWN: Found = { isKnown: false }

/** The names of filters, without their arguments. */
function names(filters: string): string {
  return filters.replace(/\([^)]*\)/g, '')
}

function literal(written: string): Found {
  if (written === 'omit') return { isKnown: true }
  const [, text] = /^(?:'([^']*)'|"([^"]*)")$/.exec(written)?.filter((part) => part !== undefined) ?? []
  if (text !== undefined) return { isKnown: true, value: text }
  if (/^\d+(?:\.\d+)?$/.test(written)) return { isKnown: true, value: Number(written) }
  return /^(?:true|false)$/i.test(written) ? { isKnown: true, value: written.toLowerCase() === 'true' } : UNKNOWN
}
