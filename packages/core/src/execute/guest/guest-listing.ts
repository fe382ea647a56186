// Lists the guests of the cluster, with one request for all callers at the same moment.
import { api } from '../../ports/pve/api.ts'
import type { Pve } from '../../ports/pve/pve.ts'
import type { GuestRow, ListingRound } from '../run-state.ts'
import type { StepContext } from '../step-context.ts'

/**
 * Returns all guests as they are after the call. A caller that arrives during a request shares the next one. New guests
 * and their tags appear at once; names may lag by ten seconds.
 */
export function listGuests({
  world: { pve },
  run: { listing: round },
}: Pick<StepContext, 'world' | 'run'>): Promise<readonly GuestRow[]> {
  if (round.running === undefined) return begin(round, pve)
  round.next ??= afterwards(round, pve)
  return round.next
}

async function afterwards(round: ListingRound, pve: Pve): Promise<readonly GuestRow[]> {
  await round.running?.catch(() => undefined)
  round.next = undefined
  return begin(round, pve)
}

function begin(round: ListingRound, pve: Pve): Promise<readonly GuestRow[]> {
  const running = ask(pve).finally(() => {
    if (round.running === running) round.running = undefined
  })
  round.running = running
  return running
}

function ask(pve: Pve): Promise<readonly GuestRow[]> {
  return api(pve).cluster.resources.$get({ type: 'vm' })
}
