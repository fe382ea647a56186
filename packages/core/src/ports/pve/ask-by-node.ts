// Asks about many guests at once. Each node has its own limit, because only its own daemons do the work.
import pLimit from 'p-limit'
import pMap from 'p-map'

/** Limit of all nodes together. The endpoint passes all requests on. */
const AT_ONCE = 48

/**
 * Limit for each node. By default, pveproxy and pvedaemon have three workers each (pve-manager `PVE/Service/pveproxy.pm`,
 * `pvedaemon.pm`), and a guest agent that does not answer blocks one for three seconds. More requests would only open more
 * connections.
 */
const PER_NODE = 4

/** Returns the answers in the order of `guests`. */
export async function askByNode<Guest extends { readonly node?: string }, Answer>(
  guests: readonly Guest[],
  ask: (guest: Guest) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const limit = pLimit(AT_ONCE)
  const answers = new Map<Guest, Answer>()
  const nodes = [...Map.groupBy(guests, ({ node }) => node).values()]
  await Promise.all(
    nodes.map((own) =>
      pMap(own, async (guest) => answers.set(guest, await limit(ask, guest)), { concurrency: PER_NODE }),
    ),
  )
  return guests.map((guest) => answers.get(guest) as Answer)
}
