// A document without what is wrong in it, so that one look finds the faults of its shape and those across its entries.
import type { z } from 'zod'
import type { ManifestPath } from './tree.ts'

type Issues = readonly z.core.$ZodIssue[]

/** A copy that lacks the parts that issues name. */
export function withoutFaults(document: unknown, issues: Issues): unknown {
  const copy: unknown = structuredClone(document)
  for (const path of issues.flatMap(pathsOf)) remove(copy, path)
  return copy
}

/**
 * Tells of a problem of the rest whether it can be the consequence of an issue: of something below or above the same
 * place, of an image that is not known as it should be, or of a default that is gone.
 */
export function consequencesOf(issues: Issues): (path: ManifestPath) => boolean {
  const faults = issues.flatMap(pathsOf)
  const exact = new Set(faults.map(nameOf))
  const above = new Set(faults.flatMap((path) => path.map((_, length) => nameOf(path.slice(0, length)))))
  const hasImages = faults.some(([first]) => first === 'images')
  const hasDefaults = faults.some(([first]) => first === 'defaults' || first === 'profiles')
  return (path) =>
    hasImages ||
    (hasDefaults && path.length < 3) ||
    above.has(nameOf(path)) ||
    path.some((_, length) => exact.has(nameOf(path.slice(0, length + 1))))
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('\0')
}

function pathsOf(issue: z.core.$ZodIssue): readonly (readonly PropertyKey[])[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
}

function remove(value: unknown, path: readonly PropertyKey[]): void {
  const [key, ...rest] = path
  if (key === undefined || typeof value !== 'object' || value === null) return
  const below: unknown = Reflect.get(value, key)
  // Of a list with an element that is wrong nothing stays: what comes after it would move.
  if (rest.length === 0 || (rest.length === 1 && Array.isArray(below))) Reflect.deleteProperty(value, key)
  else remove(below, rest)
}
