// The cluster's list of guests, fresh, and asked once for all who want it within a moment.
import { api } from '../../ports/pve/api.ts'
import type { GuestRow, ListingRound } from '../run-state.ts'
import type { StepContext } from '../step-context.ts'

/** Long enough for several that are made at once, and short beside the making of one. */
const GATHER_MS = 150

type Asked = Pick<StepContext, 'world' | 'run' | 'signal'>

/**
 * All guests, as they are after the call: who comes before the question is sent shares its answer. It shows a new guest
 * and its tags at once; names may lag by ten seconds.
 */
export function listGuests(context: Asked): Promise<readonly GuestRow[]> {
  const { listing } = context.run
  listing.next ??= ask(listing, context)
  return listing.next
}

/** At once where nobody asked lately. */
async function ask(listing: ListingRound, { world: { pve, clock }, signal }: Asked): Promise<readonly GuestRow[]> {
  const waitMs = listing.askedAtMs + GATHER_MS - clock.now()
  // A turn for others that were made at the same moment.
  await clock.sleep(Math.max(0, waitMs), signal).catch(() => undefined)
  listing.next = undefined
  listing.askedAtMs = clock.now()
  signal.throwIfAborted()
  return api(pve, { signal }).cluster.resources.$get({ type: 'vm' })
}
