// Reads the cluster: one listing each time. Version, privileges and bridges come from the journal while they are fresh.

import pMap from 'p-map'
import { definedOnly } from '../../manifest/expand/defined-only.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { api } from '../../ports/pve/api.ts'
import { permissionsOf } from '../../ports/pve/permissions.ts'
import type { World } from '../../ports/world.ts'
import type { BridgeLimits, ClusterFacts, ListedGuest, NodeFacts, PveVersion, StorageFacts } from '../facts.ts'
import { recallClusterFacts, recordClusterFacts, type SlowFacts } from './facts-cache.ts'
import { tagRulesOf } from './tag-rules.ts'

/** A row of `GET /cluster/resources`, with the fields that are used here. */
export interface ResourceRow {
  readonly type: string
  readonly node?: string
  readonly vmid?: number
  readonly name?: string
  readonly tags?: string
  readonly status?: string
  readonly template?: boolean | number
  readonly pool?: string
  readonly hastate?: string
  readonly lock?: string
  readonly maxmem?: number
  readonly maxcpu?: number
  readonly mem?: number
  readonly storage?: string
  readonly plugintype?: string
  readonly content?: string
  readonly shared?: boolean | number
  readonly maxdisk?: number
  readonly disk?: number
}

export interface ClusterOptions {
  readonly factsMaxAgeMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** The listing, if the caller needs its rows as well. */
  readonly listing?: Promise<readonly ResourceRow[]>
}

/** Lists all nodes, storages and guests that the token can see, in one call. */
export function listResources({ pve }: World, signal?: AbortSignal): Promise<readonly ResourceRow[]> {
  return api(pve, { signal }).cluster.resources.$get()
}

/** Returns the guests of a listing by id, including containers. */
export function listedGuests(rows: readonly ResourceRow[]): ReadonlyMap<number, ListedGuest> {
  return new Map(
    rows.flatMap(({ vmid, node = '', name = '', lock, pool, hastate: haState }) =>
      vmid === undefined ? [] : [[vmid, { vmid, node, name, ...definedOnly({ lock, pool, haState }) }] as const],
    ),
  )
}

/** Returns the tags of all guests that the token can see. */
export function usedTags(rows: readonly ResourceRow[]): ReadonlySet<string> {
  return new Set(rows.flatMap(({ tags = '' }) => tags.split(/[;, ]/)).filter((tag) => tag !== ''))
}

/** Returns the cluster facts and the rows of the listing that they come from. */
export async function observeCluster(
  desired: Desired,
  world: World,
  { factsMaxAgeMs, signal, listing = listResources(world, signal) }: ClusterOptions = {},
): Promise<{ readonly cluster: ClusterFacts; readonly rows: readonly ResourceRow[] }> {
  const nodes = [...new Set(desired.machines.flatMap((machine) => machine.nodes))]
  const [rows, slow] = await Promise.all([listing, slowFacts(nodes, world, { maxAgeMs: factsMaxAgeMs, signal })])
  return {
    rows,
    cluster: {
      endpoint: world.pve.endpoint,
      identity: world.pve.identity,
      ...fromRows(rows),
      ...fromSlow(slow.facts),
      ...slow.source,
    },
  }
}

interface SlowOptions {
  readonly maxAgeMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

type Slow = { readonly facts: SlowFacts; readonly source: Pick<ClusterFacts, 'cached'> }

async function slowFacts(nodes: readonly string[], world: World, { signal, ...age }: SlowOptions): Promise<Slow> {
  const recalled = await recallClusterFacts(world, { ...age, nodes })
  if (recalled) {
    world.meter.add('cacheHits', 1)
    return {
      facts: recalled.facts,
      source: { cached: { atMs: recalled.atMs, requestsSaved: FIXED_REQUESTS + nodes.length } },
    }
  }
  const facts = await askSlowFacts(nodes, world, signal)
  await recordClusterFacts(world, facts)
  return { facts, source: {} }
}

/** Version, permissions and options. Bridges take one more request for each node. */
const FIXED_REQUESTS = 3

async function askSlowFacts(nodes: readonly string[], { pve }: World, signal?: AbortSignal): Promise<SlowFacts> {
  const root = api(pve, { signal })
  const [version, permissions, options, bridges] = await Promise.all([
    root.version.$get(),
    root.access.permissions.$get(),
    root.cluster.options.$get(),
    pMap(nodes, async (node) => [node, await bridgeRows(node, pve)] as const, { concurrency: 4 }),
  ])
  const tags = tagRulesOf(options, permissionsOf(permissions)('/', 'Sys.Audit'))
  return {
    version: version.version,
    permissions,
    tags,
    bridges: Object.fromEntries(bridges.map(([node, rows]) => [node, rows.map(({ iface }) => iface)])),
    bridgeLimits: Object.fromEntries(bridges.map(([node, rows]) => [node, limitsOf(rows)])),
  }
}

/**
 * Lists the bridges that the token can see. The list is empty for a node that does not answer; preflight reports it.
 */
export async function bridgesOf(node: string, pve: World['pve']): Promise<[string, readonly string[]]> {
  return [node, (await bridgeRows(node, pve)).map(({ iface }) => iface)]
}

type BridgeRow = Awaited<ReturnType<typeof bridgeRows>>[number]

async function bridgeRows(node: string, pve: World['pve']) {
  try {
    return await api(pve).nodes.$(node).network.$get({ type: 'any_bridge' })
  } catch {
    return []
  }
}

/**
 * Returns what a bridge cannot do, for bridges that have such a limit. An MTU that the node does not state may be that
 * of its ports. Open vSwitch passes tagged frames on by itself.
 */
function limitsOf(rows: readonly BridgeRow[]): Readonly<Record<string, BridgeLimits>> {
  const entries = rows.map(({ iface, type, mtu, bridge_vlan_aware: isAware }) => {
    const isPlain = type === 'bridge' && Number(isAware ?? 0) === 0
    return [iface, { ...(isPlain && { noTrunks: true }), ...(mtu !== undefined && { mtu: Number(mtu) }) }] as const
  })
  return Object.fromEntries(entries.filter(([, limits]) => Object.keys(limits).length > 0))
}

function fromRows(rows: readonly ResourceRow[]): {
  readonly nodes: readonly NodeFacts[]
  readonly storages: readonly StorageFacts[]
} {
  const nodes = rows
    .filter(({ type }) => type === 'node')
    .map((row) => ({
      name: row.node ?? '',
      online: row.status === 'online',
      ...(row.hastate === 'maintenance' && { inMaintenance: true }),
      memoryBytes: row.maxmem ?? 0,
      freeMemoryBytes: (row.maxmem ?? 0) - (row.mem ?? 0),
      ...(row.maxcpu !== undefined && { cpus: row.maxcpu }),
    }))
  const storages = rows
    .filter(({ type }) => type === 'storage')
    .map((row) => ({
      node: row.node ?? '',
      storage: row.storage ?? '',
      type: row.plugintype ?? '',
      shared: row.shared === 1,
      active: row.status === 'available',
      content: new Set((row.content ?? '').split(',')),
      ...(row.maxdisk !== undefined && { availableBytes: row.maxdisk - (row.disk ?? 0) }),
    }))
  return { nodes, storages }
}

function fromSlow({
  version,
  permissions,
  bridges,
  bridgeLimits,
  tags,
}: SlowFacts): Pick<ClusterFacts, 'version' | 'permissions' | 'bridges' | 'bridgeLimits' | 'tags'> {
  return {
    ...(bridgeLimits && { bridgeLimits }),
    version: parseVersion(version),
    permissions,
    tags,
    bridges: new Map(Object.entries(bridges).map(([node, names]) => [node, new Set(names)])),
  }
}

/** `8.4.21` becomes major 8, minor 4. */
export function parseVersion(text: string): PveVersion {
  const [major = 0, minor = 0] = text.split(/[.-]/).map(Number)
  return { text, major, minor }
}
