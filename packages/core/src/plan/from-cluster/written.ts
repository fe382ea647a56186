// The result of converting a part of a config: manifest keys, and what no key can express.
import { parseProperties, parseSize, textOf } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'

export type Keys = Readonly<Record<string, unknown>>

/** The converted part of a machine. */
export interface Written {
  readonly keys: Keys
  /** Clauses for what the manifest cannot express: `scsi3 (20 GiB on fast)`. */
  readonly unsaid: readonly string[]
  /** Keys of Proxmox's config that are converted or reported. */
  readonly covers: readonly string[]
}

export const NOTHING: Written = { keys: {}, unsaid: [], covers: [] }

export function join(parts: readonly Written[]): Written {
  return {
    keys: Object.assign({}, ...parts.map(({ keys }) => keys)) as Keys,
    unsaid: parts.flatMap(({ unsaid }) => unsaid),
    covers: parts.flatMap(({ covers }) => covers),
  }
}

/** For options that the manifest expresses completely. */
export function said(keys: Keys, ...covers: readonly string[]): Written {
  return { keys: defined(keys), unsaid: [], covers }
}

export function unsaid(clause: string, ...covers: readonly string[]): Written {
  return { keys: {}, unsaid: [clause], covers }
}

/** Removes undefined values. */
export function defined(keys: Keys): Keys {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined))
}

export function numbered(config: Config, pattern: RegExp): readonly string[] {
  const number = (key: string) => Number(/\d+$/.exec(key)?.[0])
  return Object.keys(config)
    .filter((key) => pattern.test(key))
    .sort((one, other) => number(one) - number(other) || one.localeCompare(other))
}

/** Parses a boolean of Proxmox. Undefined if it is not set. */
export function flagOf(value: unknown): boolean | undefined {
  const text = textOf(value).toLowerCase()
  if (['1', 'on', 'yes', 'true'].includes(text)) return true
  return ['0', 'off', 'no', 'false', 'ignore'].includes(text) ? false : undefined
}

export function numberOf(value: unknown): number | undefined {
  const text = textOf(value)
  return text === '' || Number.isNaN(Number(text)) ? undefined : Number(text)
}

/** Returns a clause about the properties that are not known. */
export function beyond(key: string, value: unknown, known: ReadonlySet<string>): readonly string[] {
  const others = [...parseProperties(value, 'first').keys()].filter((property) => !known.has(property))
  return others.length === 0 ? [] : [`${others.join(', ')} of ${key}`]
}

const MIB = 1024 ** 2

/** Formats a size exactly, even if it is not a whole number of MiB. */
export function exactSize(bytes: number): string {
  const units = ['MiB', 'GiB', 'TiB']
  let [amount, unit] = [bytes / MIB, 0]
  while (amount >= 1024 && amount % 1024 === 0 && unit < units.length - 1) {
    amount /= 1024
    unit += 1
  }
  return `${amount} ${units[unit]}`
}

export function sizeOf(text: string | undefined): string | undefined {
  const bytes = parseSize(text)
  return bytes === undefined ? undefined : exactSize(bytes)
}
