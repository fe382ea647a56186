// The JSON Schema for editors. It accepts what the program accepts, including parameters and empty mappings.
import { manifestShape } from './manifest-schema.ts'

type Schema = Record<string, unknown>

/** A parameter, alone or within a text. */
const PARAMETER = '\\$\\{(?:env|var):[A-Za-z_]\\w*\\}'

let published: Schema | undefined

/** Returns the JSON Schema of the manifest, for editors. */
export function manifestJsonSchema(): Record<string, unknown> {
  published ??= publish(manifestShape())
  return published
}

/** Keys that may be empty: `web:`, `cloudInit:`. */
const MAY_BE_EMPTY = new Set(['vms', 'images', 'defaults', 'profiles', 'limits', 'vars'])
const INNER = new Set(['cloudInit', 'storage', 'startOrder', 'dns', 'smbios', 'rollout', 'build'])
const NAMED = new Set(['vms', 'images', 'profiles'])

function publish(root: Schema): Schema {
  const properties = mapValues(schemasIn(root.properties), (schema, key) => {
    const open = opened(schema)
    const named = open.additionalProperties as Schema
    const entries = NAMED.has(key) ? { ...open, additionalProperties: orEmpty(named) } : open
    return MAY_BE_EMPTY.has(key) ? orEmpty(entries) : entries
  })
  return { ...root, properties, patternProperties: { '^x-': {} } }
}

function schemasIn(value: unknown): Readonly<Record<string, Schema>> {
  return (value ?? {}) as Readonly<Record<string, Schema>>
}

function mapValues(
  record: Readonly<Record<string, Schema>>,
  change: (schema: Schema, key: string) => Schema,
): Record<string, Schema> {
  return Object.fromEntries(Object.entries(record).map(([key, schema]) => [key, change(schema, key)]))
}

/** Allows parameters in the schema and in everything below it. */
function opened(schema: Schema): Schema {
  const inner: Schema = { ...schema }
  if (schema.properties)
    inner.properties = mapValues(schemasIn(schema.properties), (below, key) =>
      INNER.has(key) ? orEmpty(opened(below)) : opened(below),
    )
  if (typeof schema.additionalProperties === 'object')
    inner.additionalProperties = opened(schema.additionalProperties as Schema)
  if (schema.items) inner.items = opened(schema.items as Schema)
  if (schema.anyOf) inner.anyOf = (schema.anyOf as readonly Schema[]).map(opened)
  return withParameter(inner)
}

function orEmpty(schema: Schema): Schema {
  return schema.type === 'object' ? { ...schema, type: ['object', 'null'] } : schema
}

/** `pattern` applies only to strings. So a number or a list can also be a parameter, with one additional type. */
function withParameter(schema: Schema): Schema {
  const { type, ...rest } = schema
  if (type === 'string') return openedText(schema)
  if (type === 'boolean' && 'const' in schema)
    return { anyOf: [schema, { type: 'string', pattern: `^${PARAMETER}$`, ...messages(schema) }] }
  if (type === 'integer' || type === 'number' || type === 'boolean' || type === 'array')
    return { ...rest, type: [type, 'string'], pattern: `^${PARAMETER}$`, ...messages(schema) }
  return schema
}

/** A format such as `ipv4` does not allow parameters, so it is dropped. The pattern checks the same. */
function openedText({ format, ...schema }: Schema): Schema {
  if ('const' in schema) return schema
  if (schema.enum) {
    const { enum: words, description, default: usual, errorMessage, ...rest } = schema
    const outer = definedOnly({ description, default: usual, errorMessage })
    return {
      ...outer,
      anyOf: [
        { ...rest, enum: words },
        { type: 'string', pattern: PARAMETER },
      ],
    }
  }
  const own = format === 'uri' ? '^https?://[^\\s/?#]+' : schema.pattern
  return typeof own === 'string' ? { ...schema, pattern: `(?:${own})|${PARAMETER}`, ...messages(schema) } : schema
}

/** The message that editors with VS Code's language services show in place of the pattern. */
function messages({ errorMessage }: Schema): Schema {
  return errorMessage === undefined ? {} : { errorMessage, patternErrorMessage: errorMessage }
}

function definedOnly(schema: Schema): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined))
}
