// Machines by name, by entry or by pattern; for what matches none, the nearest name.
import { closestMatch } from 'leven'
import { ProvisionError } from '../errors.ts'

/** A machine by its name and the manifest's entry; of two with one name, by name and id as well. */
export interface Named {
  readonly name: string
  readonly entry: string
  readonly vmid?: number
}

/** Where the names come from, for a sentence about one that is not among them. */
export interface Choice {
  /** `in the manifest` */
  readonly where: string
}

/**
 * Those that any of the patterns names: a name, an entry, or either with `*` and `?`. All of them without patterns.
 * @throws ProvisionError `USAGE` for a pattern that names none
 */
export function select<One extends Named>(
  all: readonly One[],
  patterns: readonly string[] | undefined,
  { where }: Choice = { where: 'in the manifest' },
): readonly One[] {
  if (patterns === undefined || patterns.length === 0) return all
  const matchers = patterns.map((pattern) => ({ pattern, matches: matcherOf(pattern) }))
  const lost = matchers.find(({ matches }) => !all.some(matches))
  if (lost !== undefined) throw noSuchMachine(lost.pattern, all, where)
  return all.filter((one) => matchers.some(({ matches }) => matches(one)))
}

/** Whether any of the patterns names a machine; no patterns name none. */
export function isNamedBy(patterns: readonly string[]): (one: Named) => boolean {
  const matchers = patterns.map(matcherOf)
  return (one) => matchers.some((matches) => matches(one))
}

function matcherOf(pattern: string): (one: Named) => boolean {
  if (!/[*?]/.test(pattern)) return ({ name, entry, vmid }) => [name, entry, `${name}@${vmid}`].includes(pattern)
  const text = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const expression = new RegExp(`^${text}$`)
  return ({ name, entry }) => expression.test(name) || expression.test(entry)
}

function noSuchMachine(pattern: string, all: readonly Named[], where: string): ProvisionError {
  const names = [...new Set(all.flatMap(({ name, entry }) => [entry, name]))]
  const nearest = closestMatch(pattern, names, { maxDistance: Math.max(2, Math.ceil(pattern.length / 3)) })
  const entries = [...new Set(all.map(({ entry }) => entry))]
  const known =
    entries.length > 8 ? `${entries.slice(0, 8).join(', ')} and ${entries.length - 8} more` : entries.join(', ')
  const hint = nearest === undefined ? `There are ${known || 'none'}.` : `Did you mean ${nearest}?`
  return new ProvisionError('USAGE', `No machine ${where} is called ${pattern}.`, { hint })
}
