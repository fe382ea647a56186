// Asks about many guests at once. Each node has its own limit, because only its own daemons do the work.
import pLimit from 'p-limit'
import pMap from 'p-map'

/** Limit of all nodes together. The endpoint passes all requests on. */
const AT_ONCE = 48

/** Returns the answers in the order of `guests`. */
export async function askByNode<Guest extends { readonly node?: string }, Answer>(
  guests: readonly Guest[],
  ask: (guest: Guest) => Promise<Answer>,
  { perNode }: { readonly perNode: number },
): Promise<readonly Answer[]> {
  const limit = pLimit(AT_ONCE)
  const answers = new Map<Guest, Answer>()
  const nodes = [...Map.groupBy(guests, ({ node }) => node).values()]
  await Promise.all(
    nodes.map((own) =>
      pMap(own, async (guest) => answers.set(guest, await limit(ask, guest)), { concurrency: perNode }),
    ),
  )
  return guests.map((guest) => answers.get(guest) as Answer)
}
