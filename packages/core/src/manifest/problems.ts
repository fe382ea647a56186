// A schema's issues as sentences for people.
import type { z } from 'zod'
import { nearestKey } from './known-keys.ts'
import type { ManifestPath, ManifestProblem, Places } from './read-yaml.ts'

export interface Wording {
  readonly places: Places
  /** What the document itself is called. */
  readonly whole: string
  /** The JSON Schema that it is held against; asked for only where a key is not known. */
  readonly schema: () => object
}

/** What a schema found wrong, as sentences with their places. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], { places, whole, schema }: Wording): ManifestProblem[] {
  const named = (path: ManifestPath) => (path.length === 0 ? whole : `\`${path.join('.')}\``)
  return issues.flatMap(withinUnion).flatMap((issue) => {
    const path = issue.path as (string | number)[]
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        ...places.atKey([...path, key]),
        message: `${named(path)} has no key \`${key}\`${meant(nearestKey(schema(), path, key))}.`,
      }))
    }
    if (issue.code === 'custom' && issue.params?.isName === true) {
      return [{ ...places.atKey(path), message: `The name \`${String(path.at(-1))}\` ${issue.message}.` }]
    }
    return [{ ...places.atPath(path), message: ended(`${named(path)} ${wording(issue)}`) }]
  })
}

function ended(sentence: string): string {
  return /[.?!]$/.test(sentence) ? sentence : `${sentence}.`
}

function meant(key: string | undefined): string {
  return key === undefined ? '' : ` (\`${key}\` may be meant)`
}

/**
 * Of a value that may have one of several shapes and is wrong deeper inside the one that it has, what is wrong there;
 * else what it may be.
 */
function withinUnion(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const inside = issue.errors.filter((branch) => branch.every(isInside))
  const [only = []] = inside
  if (inside.length !== 1 || only.length === 0) return [issue]
  return only.flatMap((one) => withinUnion({ ...one, path: [...issue.path, ...one.path] }))
}

function isInside({ code, path }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === 'unrecognized_keys'
}

function wording(issue: z.core.$ZodIssue): string {
  if (issue.message === 'is missing' || issue.message.startsWith('must') || issue.message.startsWith('"from"'))
    return issue.message
  if (issue.code === 'invalid_type' && /received undefined/.test(issue.message)) return 'is missing'
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}`
  if (issue.code === 'invalid_value')
    return `must be one of ${issue.values.map((value) => `\`${String(value)}\``).join(', ')}`
  if (issue.code === 'too_small')
    return `must be at least ${issue.minimum}${issue.origin === 'string' ? ' characters long' : ''}`
  if (issue.code === 'too_big')
    return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`
  return `is wrong: ${issue.message}`
}

function article(expected: string): string {
  const words: Record<string, string> = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: '`true` or `false`',
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
  }
  return words[expected] ?? expected
}
