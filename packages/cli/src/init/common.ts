// Moves keys that machines have in common into the defaults.
import { isDeepStrictEqual } from 'node:util'
import { isMapping, type Mapping } from './ansible/values.ts'

/** Keys that are allowed only in a machine. */
const OWN = new Set(['vmid', 'count', 'renamedFrom'])
/** These are merged with the defaults key by key; other keys replace them. */
const MAPPINGS = new Set(['cloudInit', 'storage'])
const WHOLE = new Set(['startOrder', 'smbios'])

export interface Split {
  readonly defaults: Mapping
  readonly machines: Readonly<Record<string, Mapping>>
}

/**
 * Moves keys that every machine has into the defaults, with the most frequent value. Machines with another value keep
 * theirs. A single machine is unchanged.
 */
export function splitCommon(machines: Readonly<Record<string, Mapping>>): Split {
  const all = Object.values(machines)
  const [first, ...others] = all
  if (first === undefined || others.length === 0) return { defaults: {}, machines }
  const defaults = commonOf(first, others)
  const rest = Object.fromEntries(Object.entries(machines).map(([name, machine]) => [name, without(machine, defaults)]))
  return { defaults, machines: rest }
}

function commonOf(first: Mapping, others: readonly Mapping[]): Mapping {
  return Object.fromEntries(
    Object.entries(first).flatMap(([key, value]): [string, unknown][] => {
      if (OWN.has(key)) return []
      if (MAPPINGS.has(key) && isMapping(value) && others.every((other) => isMapping(other[key]))) {
        const inner = commonOf(
          value,
          others.map((other) => other[key] as Mapping),
        )
        return Object.keys(inner).length === 0 ? [] : [[key, inner]]
      }
      const common = usual([value, ...others.map((other) => other[key])], WHOLE.has(key) ? 1 : 0.5)
      return common === undefined ? [] : [[key, common]]
    }),
  )
}

/** Returns the value that more than this share of the machines have. Undefined if a machine has none. */
function usual(values: readonly unknown[], share: number): unknown {
  if (values.includes(undefined)) return undefined
  const count = (value: unknown) => values.filter((other) => isDeepStrictEqual(other, value)).length
  return values.find((value) => count(value) > values.length * share || count(value) === values.length)
}

function without(machine: Mapping, defaults: Mapping): Mapping {
  return Object.fromEntries(
    Object.entries(machine).flatMap(([key, value]): [string, unknown][] => {
      const common = defaults[key]
      if (common === undefined) return [[key, value]]
      if (!MAPPINGS.has(key)) return isDeepStrictEqual(value, common) ? [] : [[key, value]]
      const rest = without(value as Mapping, common as Mapping)
      return Object.keys(rest).length === 0 ? [] : [[key, rest]]
    }),
  )
}
