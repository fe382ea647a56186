// Reads the cluster's list of guests. Calls at about the same time share one request.
import { api } from '../../ports/pve/api.ts'
import type { GuestRow, ListingRound } from '../run-state.ts'
import type { StepContext } from '../step-context.ts'

/** Long enough to combine guests that are created at once, and short compared with a creation. */
const GATHER_MS = 150

type Asked = Pick<StepContext, 'world' | 'run' | 'signal'>

/**
 * Returns all guests as they are after the call. Callers that come before the request is sent share its answer. A new
 * guest and its tags are listed at once. Names may lag by ten seconds.
 */
export function listGuests(context: Asked): Promise<readonly GuestRow[]> {
  const { listing } = context.run
  listing.next ??= ask(listing, context)
  return listing.next
}

/** Sends the request at once if the last one is long enough ago. */
async function ask(listing: ListingRound, { world: { pve, clock }, signal }: Asked): Promise<readonly GuestRow[]> {
  const waitMs = listing.askedAtMs + GATHER_MS - clock.now()
  // Other calls of the same moment can join during this pause.
  await clock.sleep(Math.max(0, waitMs), signal).catch(() => undefined)
  listing.next = undefined
  listing.askedAtMs = clock.now()
  signal.throwIfAborted()
  return api(pve, { signal }).cluster.resources.$get({ type: 'vm' })
}
