// Keeps a change within what was planned: what somebody else changed since then is left, and said.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { Verdict } from '../../plan/compare/compare-machine.ts'
import { sameValue } from '../../plan/compare/same-value.ts'
import { textOf } from '../../plan/config/property-string.ts'
import type { Touches } from '../../plan/step.ts'

export interface Planned {
  /** As the plan saw it. */
  readonly observed?: GuestFacts
  /** What the plan allows; absent: everything. */
  readonly touches?: Touches
  /** Nothing of the plan was done yet, so that a value which moved was moved by somebody else. */
  readonly isFirstLook: boolean
}

export interface AsPlanned {
  readonly verdict: Verdict
  /** Keys that differ and were not planned, or that somebody else changed since then. */
  readonly left: readonly string[]
}

/** The part of a verdict that was planned. */
export function asPlanned(verdict: Verdict, now: GuestFacts, { observed, touches, isFirstLook }: Planned): AsPlanned {
  if (touches === undefined) return { verdict, left: [] }
  const { set, remove, grow, pool, ha, ...rest } = verdict
  const isLeft = (key: string) =>
    key !== 'description' && (!touches.keys.includes(key) || (isFirstLook && hasMoved(key, now, observed)))
  const left = [
    ...[...Object.keys(set), ...remove].filter(isLeft),
    ...Object.keys(grow).filter((disk) => !touches.grow.includes(disk)),
    ...(pool !== undefined && !touches.pool ? ['pool'] : []),
    ...(ha !== undefined && !touches.ha ? ['HA'] : []),
  ]
  const without = <Value>(entries: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
    Object.fromEntries(Object.entries(entries).filter(([key]) => !left.includes(key)))
  const kept = {
    ...rest,
    set: without(set),
    remove: remove.filter((key) => !left.includes(key)),
    grow: without(grow),
    ...(pool !== undefined && touches.pool && { pool }),
    ...(ha !== undefined && touches.ha && { ha }),
  }
  return { verdict: left.length === 0 ? kept : withoutMarkerAlone(kept), left }
}

/** Our marker would say that all is as declared. */
function withoutMarkerAlone(verdict: Verdict): Verdict {
  const { description: _, ...set } = verdict.set
  return { ...verdict, set }
}

/** Whether a key holds a third value: neither what the plan saw nor what is wanted. */
function hasMoved(key: string, now: GuestFacts, observed: GuestFacts | undefined): boolean {
  if (observed === undefined) return false
  const before = textOf(observed.config[key])
  return !sameValue(key, now.config[key], before === '' ? null : before)
}

export function leftWarning({ name }: Machine, left: readonly string[]): string {
  return `${name}: ${left.join(', ')} changed since the plan was made, and ${left.length === 1 ? 'is' : 'are'} left alone. Plan again.`
}
