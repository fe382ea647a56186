// Removes the invalid parts of a document, so that the remaining parts can be checked in the same run.
import type * as z from 'zod/mini'
import type { ManifestPath } from './tree.ts'

type Issues = readonly z.core.$ZodIssue[]

/** Returns a copy without the parts that the issues name. */
export function withoutFaults(document: unknown, issues: Issues): unknown {
  const copy: unknown = structuredClone(document)
  for (const path of issues.flatMap(pathsOf)) remove(copy, path)
  return copy
}

/**
 * Returns a function that says if a problem may only follow from an issue: the issue is above or below the same path,
 * an image is invalid, or a default was removed.
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
  // Removes the whole list if one element is wrong, because removing the element would renumber the others.
  if (rest.length === 0 || (rest.length === 1 && Array.isArray(below))) Reflect.deleteProperty(value, key)
  else remove(below, rest)
}
