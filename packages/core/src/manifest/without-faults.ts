// A document without what is wrong in it, so that one look finds the faults of its shape and those across its entries.
import type { z } from 'zod'
import type { ManifestPath } from './read-yaml.ts'

type Issues = readonly z.core.$ZodIssue[]

/** A copy that lacks the parts that issues name. */
export function withoutFaults(document: unknown, issues: Issues): unknown {
  const copy: unknown = structuredClone(document)
  for (const path of issues.flatMap(pathsOf)) remove(copy, path)
  return copy
}

/**
 * Whether a problem about the rest can be the consequence of an issue: of something below or above the same place, of an
 * image that is not known as it should be, or of a default that is gone.
 */
export function isConsequence(path: ManifestPath, issues: Issues): boolean {
  return issues.flatMap(pathsOf).some((fault) => {
    if (fault[0] === 'images') return true
    if (fault[0] === 'defaults') return path.length < 3
    return fault.every((key, index) => index >= path.length || key === path[index])
  })
}

function pathsOf(issue: z.core.$ZodIssue): readonly (readonly PropertyKey[])[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
}

function remove(value: unknown, path: readonly PropertyKey[]): void {
  const [key, ...rest] = path
  if (key === undefined || typeof value !== 'object' || value === null) return
  if (rest.length > 0) remove(Reflect.get(value, key), rest)
  // An element of a list stays: what comes after it would move.
  else if (!Array.isArray(value)) Reflect.deleteProperty(value, key)
}
