// Faults on command: which requests go wrong, how, how often, with what probability. A seed makes chance repeatable.
import type { FaultRule } from './fault-rule.ts'
import { pathPattern } from './path-pattern.ts'

export interface Fault extends FaultRule {
  readonly id: number
  /** Requests it has met so far. */
  readonly met: number
}

export interface Faults {
  /** Adds a rule and gives its number. */
  add(rule: FaultRule): number
  remove(id: number): boolean
  clear(): void
  list(): readonly Fault[]
  /** The rule that meets this request, counted as met. */
  take(method: string, path: string): FaultRule | undefined
}

interface Entry {
  readonly rule: FaultRule
  readonly id: number
  met: number
  /** Matching requests so far, harmed or not. */
  seen: number
}

export function createFaults({ seed = 1, rules = [] }: { seed?: number; rules?: readonly FaultRule[] } = {}): Faults {
  const random = mulberry32(seed)
  const entries: Entry[] = []
  let nextId = 1

  const add = (rule: FaultRule): number => {
    entries.push({ rule, id: nextId, met: 0, seen: 0 })
    return nextId++
  }

  const meets = ({ rule, met }: Entry, method: string, path: string): boolean => {
    if (rule.method !== undefined && rule.method !== method) return false
    if (rule.path !== undefined && !pathPattern(rule.path).test(path)) return false
    return rule.count === undefined || met < rule.count
  }

  /** Counts the request as seen, and lets the first `after` and the lucky ones go. */
  const strikes = (entry: Entry): boolean => {
    entry.seen += 1
    if (entry.seen <= (entry.rule.after ?? 0)) return false
    return entry.rule.probability === undefined || random() < entry.rule.probability
  }

  for (const rule of rules) add(rule)
  return {
    add,
    remove: (id) => {
      const index = entries.findIndex((entry) => entry.id === id)
      if (index >= 0) entries.splice(index, 1)
      return index >= 0
    },
    clear: () => {
      entries.splice(0)
    },
    list: () => entries.map(({ rule, id, met }) => ({ ...rule, id, met })),
    take: (method, path) => {
      const struck = entries.find((entry) => meets(entry, method, path) && strikes(entry))
      if (struck !== undefined) struck.met += 1
      return struck?.rule
    },
  }
}

/** A small generator that gives the same numbers for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
