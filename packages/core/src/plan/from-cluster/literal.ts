// Values as they stand: what looks like a parameter of a manifest is none where it comes from a config.
import type { Keys } from './written.ts'

const PARAMETER = /\$\$?\{(?:env|secret|var):/g

/** The same with each text written so that a manifest reads it as it is. A description is never filled in. */
export function literal<Value>(value: Value): Value {
  if (typeof value === 'string') return value.replace(PARAMETER, (found) => `$${found}`) as Value
  if (Array.isArray(value)) return value.map(literal) as Value
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value as Keys)
  return Object.fromEntries(entries.map(([key, one]) => [key, key === 'description' ? one : literal(one)])) as Value
}
