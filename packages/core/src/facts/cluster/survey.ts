// Lists what a cluster offers, before a manifest exists: nodes, storages, bridges and pools.
import pMap from 'p-map'
import { api } from '../../ports/pve/api.ts'
import { type PermissionTree, permissionsOf } from '../../ports/pve/permissions.ts'
import type { World } from '../../ports/world.ts'
import { bridgesOf, listResources } from './observe-cluster.ts'

/** The nodes, storages, bridges and pools of a cluster. */
export interface Survey {
  /** Names of the nodes that are online, sorted. */
  readonly nodes: readonly string[]
  /** Available storages, with one entry for each node that can use them. */
  readonly storages: readonly SurveyedStorage[]
  /** Bridges that the token can see, by node. */
  readonly bridges: ReadonlyMap<string, readonly string[]>
  /** The only pools in which the token may create machines, sorted. Empty if it needs none. */
  readonly pools: readonly string[]
}

/** A storage on a node. */
export interface SurveyedStorage {
  readonly node: string
  readonly storage: string
  /** Proxmox's type, such as `dir` or `lvmthin`. */
  readonly type: string
  /** Content types, such as `images` and `import`. */
  readonly content: readonly string[]
  readonly freeBytes: number
}

/**
 * Reads the cluster with two requests, plus one for each node that is online.
 * @throws ProvisionError `UNREACHABLE`, `AUTHENTICATION` or `PERMISSION` if the cluster does not answer
 */
export async function surveyCluster(world: World, signal?: AbortSignal): Promise<Survey> {
  const [rows, permissions] = await Promise.all([
    listResources(world, signal),
    api(world.pve, { signal }).access.permissions.$get(),
  ])
  const nodes = rows
    .flatMap(({ type, status, node }) => (type === 'node' && status === 'online' && node ? [node] : []))
    .sort((one, other) => one.localeCompare(other))
  const storages = rows.flatMap((row): SurveyedStorage[] =>
    row.type === 'storage' && row.status === 'available'
      ? [
          {
            node: row.node ?? '',
            storage: row.storage ?? '',
            type: row.plugintype ?? '',
            content: (row.content ?? '').split(','),
            freeBytes: (row.maxdisk ?? 0) - (row.disk ?? 0),
          },
        ]
      : [],
  )
  const bridges = await pMap(nodes, (node) => bridgesOf(node, world.pve), { concurrency: 4 })
  return { nodes, storages, bridges: new Map(bridges), pools: confinedTo(permissions) }
}

/** A token that is limited to pools has their paths in its permissions. */
function confinedTo(permissions: PermissionTree): readonly string[] {
  const has = permissionsOf(permissions)
  if (has('/vms', 'VM.Allocate')) return []
  return Object.keys(permissions)
    .filter((path) => path.startsWith('/pool/') && has(path, 'VM.Allocate'))
    .map((path) => path.slice('/pool/'.length))
    .sort()
}
