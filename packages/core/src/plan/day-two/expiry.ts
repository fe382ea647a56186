// Decides when temporary machines expire, and how much time is left.
import type { Marker } from '../../facts/cluster/marker.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { type RawChange, raw } from '../compare/describe-options.ts'

type Marked = Pick<GuestFacts, 'marker'>
type Temporary = Pick<Machine, 'expiresSeconds'>

/** Returns when a machine may be removed, in milliseconds since the epoch, or undefined if it does not expire. */
export function expiryMs({ marker: { expires } }: Marked): number | undefined {
  const atMs = expires === undefined ? Number.NaN : Date.parse(expires)
  return Number.isNaN(atMs) ? undefined : atMs
}

export function isExpired(guest: Marked, nowMs: number): boolean {
  const atMs = expiryMs(guest)
  return atMs !== undefined && atMs <= nowMs
}

/** Returns the part of the marker of a machine that is created now. */
export function newExpiry({ expiresSeconds }: Temporary, nowMs: number): Pick<Marker, 'expires' | 'lifetime'> {
  return expiresSeconds === undefined ? {} : { expires: timeAfter(nowMs, expiresSeconds), lifetime: expiresSeconds }
}

/** Returns how the manifest changes the lifetime of an existing machine, or undefined. */
export function expiryChange({ expiresSeconds }: Temporary, { marker }: Marked): RawChange | undefined {
  const { expires, lifetime } = marker
  if (expiresSeconds === undefined && expires === undefined) return undefined
  // The markers of earlier versions have no lifetime, so it is not known if it changed.
  const isSame = expires !== undefined && (lifetime ?? expiresSeconds) === expiresSeconds
  if (isSame && expiresSeconds !== undefined) return undefined
  return raw(
    'expires',
    lifetime === undefined ? expires : lifetimeText(lifetime),
    expiresSeconds === undefined ? undefined : lifetimeText(expiresSeconds),
  )
}

/**
 * Returns the marker after that change. The lifetime counts from the creation of the machine. If that time is not known,
 * it counts from now.
 */
export function changedExpiry(marker: Marker, machine: Temporary, nowMs: number): Marker {
  const { expires: _, lifetime, ...rest } = marker
  const isMs = expiryMs({ marker })
  const createdMs = isMs === undefined || lifetime === undefined ? nowMs : isMs - lifetime * 1000
  return { ...rest, ...newExpiry(machine, createdMs) }
}

function timeAfter(ms: number, seconds: number): string {
  return new Date(ms + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
}

const UNITS = [
  [604_800, 'w'],
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
] as const

/** Formats seconds as the manifest writes them: `4 h`, `90 s`. */
function lifetimeText(seconds: number): string {
  const [unit, name] = UNITS.find(([one]) => seconds % one === 0) ?? [1, 's']
  return `${seconds / unit} ${name}`
}
