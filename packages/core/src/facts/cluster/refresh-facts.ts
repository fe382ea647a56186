// Refreshes the cached facts about the cluster, whatever their age.
import type { Desired } from '../../manifest/manifest.ts'
import type { World } from '../../ports/world.ts'
import { type CachedFacts, showFacts } from './facts-cache.ts'
import { observeCluster } from './observe-cluster.ts'

/**
 * Replaces the cached facts about the cluster and returns them.
 * @throws ProvisionError if Proxmox is unreachable or refuses access
 */
export async function refreshFacts(
  desired: Desired,
  world: World,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<CachedFacts | undefined> {
  await observeCluster(desired, world, { factsMaxAgeMs: 0, ...(signal && { signal }) })
  return showFacts(world)
}
