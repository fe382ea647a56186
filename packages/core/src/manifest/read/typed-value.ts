// Determines the type of a parameter that is a whole value.
import { parseDocument } from 'yaml'
import type { Scalar, Tree } from './tree.ts'

/** Parses a text like YAML: a number, `true`, `false`, or a list in brackets. Anything else is text. */
export function typed(text: string, at: Tree): Tree {
  const trimmed = text.trim()
  if (/^\[.*\]$/s.test(trimmed)) return listOf(trimmed, at) ?? { kind: 'scalar', value: text, place: at.place }
  const value = scalarOf(trimmed)
  return typeof value === 'string'
    ? { kind: 'scalar', value: text, place: at.place }
    : { kind: 'scalar', value, asText: text, place: at.place }
}

function scalarOf(text: string): Scalar {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text
}

/** Parses `[pve1, pve2]`. Returns undefined if it is not a list of single values. */
function listOf(text: string, { place }: Tree): Tree | undefined {
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false })
  const value: unknown = document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 0 })
  const isPlain = (entry: unknown) => ['string', 'number', 'boolean'].includes(typeof entry)
  if (!Array.isArray(value) || !value.every(isPlain)) return undefined
  return { kind: 'list', place, items: (value as Scalar[]).map((entry) => ({ kind: 'scalar', value: entry, place })) }
}
