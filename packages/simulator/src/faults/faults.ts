// Injects faults: which requests fail, how, how often, and with what probability. A seed makes random faults
// repeatable.
import type { FaultRule } from './fault-rule.ts'
import { pathPattern } from './path-pattern.ts'

export interface Fault extends FaultRule {
  readonly id: number
  /** How many requests it has applied to. */
  readonly met: number
}

export interface Faults {
  /** Adds a rule and returns its number. */
  add(rule: FaultRule): number
  remove(id: number): boolean
  clear(): void
  list(): readonly Fault[]
  /** Returns the rule for this request, and counts it. */
  take(method: string, path: string): FaultRule | undefined
}

interface Entry {
  readonly rule: FaultRule
  readonly id: number
  met: number
  /** Matching requests so far, whether the fault was applied or not. */
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

  /** Counts the request. Returns false for the first `after` requests, and by chance. */
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

/** A small random number generator that repeats its numbers for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
