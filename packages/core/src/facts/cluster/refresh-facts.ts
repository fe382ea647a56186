// Asks the cluster again for what is cached, whatever its age.
import type { Desired } from '../../manifest/manifest.ts'
import type { World } from '../../ports/world.ts'
import { type CachedFacts, showFacts } from './facts-cache.ts'
import { observeCluster } from './observe-cluster.ts'

/**
 * Replaces the cached facts about the cluster and tells them.
 * @throws ProvisionError when Proxmox cannot be reached or refuses us
 */
export async function refreshFacts(
  desired: Desired,
  world: World,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<CachedFacts | undefined> {
  await observeCluster(desired, world, { factsMaxAgeMs: 0, ...(signal && { signal }) })
  return showFacts(world)
}
