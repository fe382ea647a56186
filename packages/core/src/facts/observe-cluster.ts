// The cluster: one listing each time, and what ages slowly (version, privileges, bridges) from the journal when fresh.
import pMap from 'p-map'
import type { Desired } from '../manifest/manifest.ts'
import type { World } from '../ports/world.ts'
import type { ClusterFacts, NodeFacts, PveVersion, StorageFacts } from './facts.ts'

/** A row of `GET /cluster/resources`, as far as we read it. */
export interface ResourceRow {
  readonly type: string
  readonly node?: string
  readonly vmid?: number
  readonly name?: string
  readonly tags?: string
  readonly status?: string
  readonly template?: number
  readonly pool?: string
  readonly lock?: string
  readonly maxmem?: number
  readonly mem?: number
  readonly storage?: string
  readonly plugintype?: string
  readonly content?: string
  readonly shared?: number
  readonly maxdisk?: number
  readonly disk?: number
}

export interface ClusterOptions {
  readonly factsMaxAgeMs?: number
  readonly signal?: AbortSignal
}

/** What ages slowly, in the form in which the journal keeps it. */
interface SlowFacts {
  readonly version: string
  readonly permissions: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly bridges: Readonly<Record<string, readonly string[]>>
}

const DAY_MS = 24 * 60 * 60 * 1000

/** Cluster facts and the rows of the one listing they come from. */
export async function observeCluster(
  desired: Desired,
  world: World,
  { factsMaxAgeMs = DAY_MS, signal }: ClusterOptions = {},
): Promise<{ readonly cluster: ClusterFacts; readonly rows: readonly ResourceRow[] }> {
  const nodes = [...new Set(desired.machines.flatMap((machine) => machine.nodes))]
  const [rows, slow] = await Promise.all([
    world.pve.request<readonly ResourceRow[]>('GET', '/cluster/resources', signal && { signal }),
    slowFacts(nodes, world, factsMaxAgeMs),
  ])
  return { rows, cluster: { endpoint: world.pve.endpoint, ...fromRows(rows), ...fromSlow(slow) } }
}

async function slowFacts(nodes: readonly string[], world: World, maxAgeMs: number): Promise<SlowFacts> {
  const key = `cluster:${world.pve.endpoint}:${world.pve.identity}`
  const known = await world.journal.recall(key)
  const fresh = known !== undefined && world.clock.now() - known.atMs < maxAgeMs && isSlowFacts(known.value)
  if (fresh && nodes.every((node) => node in (known.value as SlowFacts).bridges)) {
    world.meter.add('cacheHits', 1)
    return known.value as SlowFacts
  }
  const asked = await askSlowFacts(nodes, world)
  await world.journal.record(key, asked)
  return asked
}

async function askSlowFacts(nodes: readonly string[], { pve }: World): Promise<SlowFacts> {
  const [version, permissions, bridges] = await Promise.all([
    pve.request<{ readonly version: string }>('GET', '/version'),
    pve.request<SlowFacts['permissions']>('GET', '/access/permissions'),
    pMap(nodes, (node) => bridgesOf(node, pve), { concurrency: 4 }),
  ])
  return { version: version.version, permissions, bridges: Object.fromEntries(bridges) }
}

/** Bridges that the caller may see; an empty list for a node that does not answer, which preflight then names. */
async function bridgesOf(node: string, pve: World['pve']): Promise<[string, readonly string[]]> {
  try {
    const rows = await pve.request<readonly { readonly iface: string }[]>('GET', `/nodes/${node}/network`, { parameters: { type: 'any_bridge' } })
    return [node, rows.map(({ iface }) => iface)]
  } catch {
    return [node, []]
  }
}

function fromRows(rows: readonly ResourceRow[]): { readonly nodes: readonly NodeFacts[]; readonly storages: readonly StorageFacts[] } {
  const nodes = rows.filter(({ type }) => type === 'node').map((row) => ({
    name: row.node ?? '',
    online: row.status === 'online',
    memoryBytes: row.maxmem ?? 0,
    freeMemoryBytes: (row.maxmem ?? 0) - (row.mem ?? 0),
  }))
  const storages = rows.filter(({ type }) => type === 'storage').map((row) => ({
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

function fromSlow({ version, permissions, bridges }: SlowFacts): Pick<ClusterFacts, 'version' | 'permissions' | 'bridges'> {
  const privileges = Object.entries(permissions).map(
    ([path, held]) => [path, new Map(Object.entries(held).map(([name, propagates]) => [name, propagates === 1]))] as const,
  )
  return {
    version: parseVersion(version),
    permissions: new Map(privileges),
    bridges: new Map(Object.entries(bridges).map(([node, names]) => [node, new Set(names)])),
  }
}

/** `8.4.21` → major 8, minor 4. */
export function parseVersion(text: string): PveVersion {
  const [major = 0, minor = 0] = text.split(/[.-]/).map(Number)
  return { text, major, minor }
}

/** The journal may come from anywhere: only what has the right shape is believed. */
function isSlowFacts(value: unknown): value is SlowFacts {
  if (typeof value !== 'object' || value === null) return false
  const { version, permissions, bridges } = value as Record<string, unknown>
  const lists = typeof bridges === 'object' && bridges !== null && Object.values(bridges).every(Array.isArray)
  return typeof version === 'string' && typeof permissions === 'object' && permissions !== null && lists
}
