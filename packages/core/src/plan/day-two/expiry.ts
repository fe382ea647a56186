// Reads when temporary machines expire, and how much time is left.
import type { GuestFacts } from '../../facts/facts.ts'

/** Returns when a machine may be removed, in milliseconds since the epoch, or undefined if it does not expire. */
export function expiryMs({ marker: { expires } }: Pick<GuestFacts, 'marker'>): number | undefined {
  const atMs = expires === undefined ? Number.NaN : Date.parse(expires)
  return Number.isNaN(atMs) ? undefined : atMs
}

export function isExpired(guest: Pick<GuestFacts, 'marker'>, nowMs: number): boolean {
  const atMs = expiryMs(guest)
  return atMs !== undefined && atMs <= nowMs
}
