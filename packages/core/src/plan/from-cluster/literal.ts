// Escapes texts from a config that look like parameters of a manifest.
import type { Keys } from './written.ts'

const PARAMETER = /\$\$?\{(?:env|secret|var):/g

/**
 * Escapes all texts in a value, so that a manifest reads them literally. A description is not escaped, because it has
 * no parameters.
 */
export function literal<Value>(value: Value): Value {
  if (typeof value === 'string') return value.replace(PARAMETER, (found) => `$${found}`) as Value
  if (Array.isArray(value)) return value.map(literal) as Value
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value as Keys)
  return Object.fromEntries(entries.map(([key, one]) => [key, key === 'description' ? one : literal(one)])) as Value
}
