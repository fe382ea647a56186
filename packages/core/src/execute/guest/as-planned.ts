// Limits a change to what was planned. Values that another user changed since then are left alone and reported.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { Verdict } from '../../plan/compare/compare-machine.ts'
import { sameValue } from '../../plan/compare/same-value.ts'
import { textOf } from '../../plan/config/property-string.ts'
import type { Touches } from '../../plan/step.ts'

export interface Planned {
  /** The guest as the plan saw it. */
  readonly observed?: GuestFacts
  /** What the plan may change. Default: everything. */
  readonly touches?: Touches
  /** True if this run has changed nothing yet, so that another user must have made any difference. */
  readonly isFirstLook: boolean
}

export interface AsPlanned {
  readonly verdict: Verdict
  /** Keys that differ but were not planned, or that another user changed since the plan. */
  readonly left: readonly string[]
}

/** Returns the part of a verdict that was planned. */
export function asPlanned(verdict: Verdict, now: GuestFacts, { observed, touches, isFirstLook }: Planned): AsPlanned {
  if (touches === undefined) return { verdict, left: [] }
  const { set, remove, grow, pool, ha, ...rest } = verdict
  const isLeft = (key: string) =>
    key !== 'description' &&
    (!touches.keys.includes(key) || (isFirstLook && hasChanged(key, { now, observed, touches })))
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

/** Drops the description, because its marker would claim that everything is as declared. */
function withoutMarkerAlone(verdict: Verdict): Verdict {
  const { description: _, ...set } = verdict.set
  return { ...verdict, set }
}

interface Looked {
  readonly now: GuestFacts
  readonly observed: GuestFacts | undefined
  readonly touches: Touches
}

/** Returns true if a key has neither the value that the plan saw nor the wanted value. */
function hasChanged(key: string, { now, observed, touches: { moved = [] } }: Looked): boolean {
  if (observed === undefined) return false
  const read = ({ config }: GuestFacts) => (moved.includes(key) ? withoutVolume(config[key]) : config[key])
  const before = textOf(read(observed))
  return !sameValue(key, read(now), before === '' ? null : before)
}

/** A drive that an earlier step moved has another volume and the same options. */
function withoutVolume(drive: unknown): unknown {
  return typeof drive === 'string' ? drive.replace(/^[^,]*/, 'moved') : drive
}

export function leftWarning({ name }: Machine, left: readonly string[]): string {
  return `${name}: ${left.join(', ')} changed since the plan was made, and ${left.length === 1 ? 'is' : 'are'} left alone. Plan again.`
}
