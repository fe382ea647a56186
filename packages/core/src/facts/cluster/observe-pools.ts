// Lists the pools, only if a machine belongs in one.

import type { Desired } from '../../manifest/manifest.ts'
import { api } from '../../ports/pve/api.ts'
import type { World } from '../../ports/world.ts'
import type { GuestFacts } from '../facts.ts'

/** Returns the pools that the token can see, or undefined if no machine needs one. */
export async function observePools(
  { machines }: Desired,
  guests: readonly GuestFacts[],
  { pve }: Pick<World, 'pve'>,
  signal?: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const poolOf = new Map(
    guests.flatMap(({ marker, pool }) => (marker.kind === 'machine' ? [[marker.name, pool] as const] : [])),
  )
  if (machines.every(({ name, pool }) => pool === undefined || poolOf.get(name) === pool)) return undefined
  const rows = await api(pve, { signal }).pools.$get()
  return new Set(rows.map(({ poolid }) => poolid))
}
