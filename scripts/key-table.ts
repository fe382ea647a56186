// Formats the keys of a schema as a Markdown table.
import { takesEffect } from '../packages/core/dist/advanced.js'

export interface Schema {
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly format?: string
}

const FORMATS: Readonly<Record<string, string>> = {
  uri: 'address',
  ipv4: 'IPv4 address',
  ipv6: 'IPv6 address',
  cidrv4: 'IPv4 address with prefix',
  cidrv6: 'IPv6 address with prefix',
}

/** With `within`, the path of a mapping in a machine (empty: the machine), also shows when each key takes effect. */
export function table(schema: Schema | undefined, within?: string): string {
  const rows = Object.entries(schema?.properties ?? {}).map(([key, value]) => {
    const effect = within === undefined ? '' : ` ${cell(effectOf(`${within}${key}`, value))} |`
    const required = schema?.required?.includes(key) && value.default === undefined ? ' (required)' : ''
    return `| \`${key}\`${required} | ${typeOf(value)} | ${value.default === undefined ? '' : `\`${JSON.stringify(value.default)}\``} |${effect} ${cell(value.description ?? '')} |`
  })
  const head =
    within === undefined
      ? ['| key | value | default | |', '|---|---|---|---|']
      : ['| key | value | default | on a running VM | |', '|---|---|---|---|---|']
  return [...head, ...rows].join('\n')
}

/** The keys of a mapping may take effect at different times. Its own row then refers to the table of these keys. */
function effectOf(path: string, schema: Schema): string {
  const effects = new Set(innerKeys(schema).map((key) => takesEffect(`${path}.${key}`)))
  return effects.size > 1 ? 'by key, see below' : (takesEffect(path) ?? '')
}

function innerKeys({ properties = {}, items, anyOf = [] }: Schema): readonly string[] {
  return [...Object.keys(properties), ...[...(items ? [items] : []), ...anyOf].flatMap(innerKeys)]
}

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ')
  if (schema.type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'anything'}`
  if (schema.type === 'object') return 'mapping'
  if (schema.type === 'integer') return rangeOf('whole number', schema)
  if (schema.type === 'string') return textTypeOf(schema)
  return String(schema.type ?? 'any')
}

function textTypeOf({ format = '', pattern = '' }: Schema): string {
  if (pattern.includes('[mMgGtT]')) return 'size'
  return FORMATS[format] ?? (pattern.includes('sec|m|min') ? 'duration' : 'text')
}

function rangeOf(words: string, { minimum, maximum }: Schema): string {
  const shown = (value: number | undefined) => (value === undefined || Math.abs(value) > 10 ** 12 ? undefined : value)
  const [least, most] = [shown(minimum), shown(maximum)]
  if (least === undefined && most === undefined) return words
  return `${words}, ${most === undefined ? `${least} or more` : `${least ?? '…'} to ${most}`}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
