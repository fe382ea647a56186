// Machines that are meant for a while: until when, and what is left of it.
import type { GuestFacts } from '../../facts/facts.ts'

/** When a machine may be removed, in milliseconds since the epoch; nothing when it stays. */
export function expiryMs({ marker: { expires } }: Pick<GuestFacts, 'marker'>): number | undefined {
  const atMs = expires === undefined ? Number.NaN : Date.parse(expires)
  return Number.isNaN(atMs) ? undefined : atMs
}

export function isExpired(guest: Pick<GuestFacts, 'marker'>, nowMs: number): boolean {
  const atMs = expiryMs(guest)
  return atMs !== undefined && atMs <= nowMs
}
