// What the parts of a config become: keys of the manifest, and what no key can say.
import { parseProperties, parseSize, textOf } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'

export type Keys = Readonly<Record<string, unknown>>

/** One part of a machine. */
export interface Written {
  readonly keys: Keys
  /** What the manifest cannot say of it, a clause each: `scsi3 (20 GiB on fast)`. */
  readonly unsaid: readonly string[]
  /** Keys of Proxmox's config that are said, or told of. */
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

/** Keys that the manifest says in full. */
export function said(keys: Keys, ...covers: readonly string[]): Written {
  return { keys: defined(keys), unsaid: [], covers }
}

export function unsaid(clause: string, ...covers: readonly string[]): Written {
  return { keys: {}, unsaid: [clause], covers }
}

/** Without what is undefined. */
export function defined(keys: Keys): Keys {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined))
}

export function numbered(config: Config, pattern: RegExp): readonly string[] {
  const number = (key: string) => Number(/\d+$/.exec(key)?.[0])
  return Object.keys(config)
    .filter((key) => pattern.test(key))
    .sort((one, other) => number(one) - number(other) || one.localeCompare(other))
}

/** Proxmox's flag; nothing where it is not set. */
export function flagOf(value: unknown): boolean | undefined {
  const text = textOf(value).toLowerCase()
  if (['1', 'on', 'yes', 'true'].includes(text)) return true
  return ['0', 'off', 'no', 'false', 'ignore'].includes(text) ? false : undefined
}

export function numberOf(value: unknown): number | undefined {
  const text = textOf(value)
  return text === '' || Number.isNaN(Number(text)) ? undefined : Number(text)
}

/** Properties that a part has beside those that are known: as a clause. */
export function beyond(key: string, value: unknown, known: ReadonlySet<string>): readonly string[] {
  const others = [...parseProperties(value, 'first').keys()].filter((property) => !known.has(property))
  return others.length === 0 ? [] : [`${others.join(', ')} of ${key}`]
}

const MIB = 1024 ** 2

/** Exact, also where it is no whole number of MiB. */
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
