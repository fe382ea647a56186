// Selects machines by name, entry or pattern. For a pattern that matches none, suggests the most similar name.
import { closestMatch } from 'leven'
import { ProvisionError } from '../errors.ts'

/** A machine by its name and the manifest's entry. If two machines have the same name, by name and id as well. */
export interface Named {
  readonly name: string
  readonly entry: string
  readonly vmid?: number
}

/** Where the names come from, for the message about an unknown name. */
export interface Choice {
  /** `in the manifest` */
  readonly where: string
}

/**
 * Returns the items that match any pattern: a name, an entry, or either with `*` and `?`. Without patterns, returns
 * all.
 * @throws ProvisionError `USAGE` for a pattern that matches none
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

/** Returns a function that says if any pattern matches a machine. Without patterns, none matches. */
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
  const names = [...new Set(all.flatMap(({ name, entry }) => [entry, name]))].filter((name) => name !== '')
  const nearest = closestMatch(pattern, names, { maxDistance: Math.max(2, Math.ceil(pattern.length / 3)) })
  // A VM that was created seconds ago has no name yet.
  const entries = [...new Set(all.map(({ entry }) => entry))].filter((entry) => entry !== '')
  const known =
    entries.length > 8 ? `${entries.slice(0, 8).join(', ')} and ${entries.length - 8} more` : entries.join(', ')
  const hint = nearest === undefined ? `Names you can use: ${known || 'none'}.` : `Did you mean ${nearest}?`
  return new ProvisionError('USAGE', `No machine ${where} is called ${pattern}.`, { hint })
}
