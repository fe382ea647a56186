// Facts about the cluster that age slowly, kept in the journal: recalled while fresh, shown, forgotten.

import { createHash } from 'node:crypto'
import type { PermissionTree } from '../../ports/pve/permissions.ts'
import type { World } from '../../ports/world.ts'
import type { TagRules } from '../facts.ts'

/** What ages slowly, in the form in which the journal keeps it and Proxmox says it. */
export interface SlowFacts {
  readonly version: string
  /** By path and privilege: 1 where it holds below the path too. */
  readonly permissions: PermissionTree
  /** Bridges by node. */
  readonly bridges: Readonly<Record<string, readonly string[]>>
  /** Which tags the token may set. */
  readonly tags: TagRules
}

export interface RecalledFacts {
  readonly facts: SlowFacts
  readonly atMs: number
}

export interface FactsAge {
  /** How old the facts may be. Default 24 h; 0 recalls nothing. */
  readonly maxAgeMs?: number | undefined
  /** Nodes whose bridges must be among them. */
  readonly nodes?: readonly string[]
}

/** What is in the cache about one cluster, as one identity sees it. */
export interface CachedFacts extends RecalledFacts {
  readonly endpoint: string
  readonly identity: string
  readonly ageMs: number
  /** Whether a run would still use them. */
  readonly fresh: boolean
}

type Cache = Pick<World, 'pve' | 'journal' | 'clock'>

/** How old cached facts about the cluster may be, unless `factsMaxAgeMs` says otherwise: 24 h. */
export const FACTS_MAX_AGE_MS = 24 * 60 * 60 * 1000

/** Facts of this cluster and identity that are young enough; nothing when there are none, or a node is not among them. */
export async function recallClusterFacts(
  world: Cache,
  { maxAgeMs = FACTS_MAX_AGE_MS, nodes = [] }: FactsAge = {},
): Promise<RecalledFacts | undefined> {
  const entry = await world.journal.recall(keyOf(world.pve))
  // The journal may come from anywhere: only what has the right shape is believed.
  if (entry === undefined || !isSlowFacts(entry.value)) return undefined
  const { value, atMs } = entry
  const complete = nodes.every((node) => Object.hasOwn(value.bridges, node))
  return complete && world.clock.now() - atMs < maxAgeMs ? { facts: value, atMs } : undefined
}

export async function recordClusterFacts(world: Cache, facts: SlowFacts): Promise<void> {
  await world.journal.record(keyOf(world.pve), facts)
}

/** What is cached about the cluster, however old; nothing is contacted. */
export async function showFacts(
  world: Cache,
  { maxAgeMs = FACTS_MAX_AGE_MS }: FactsAge = {},
): Promise<CachedFacts | undefined> {
  const recalled = await recallClusterFacts(world, { maxAgeMs: Number.POSITIVE_INFINITY })
  if (recalled === undefined) return undefined
  const { endpoint, identity } = world.pve
  const ageMs = Math.max(0, world.clock.now() - recalled.atMs)
  return { ...recalled, endpoint, identity, ageMs, fresh: ageMs < maxAgeMs }
}

/** Forgets what is cached about the cluster. True when there was something. */
export async function clearFacts(world: Cache): Promise<boolean> {
  const was = await showFacts(world)
  if (was === undefined) return false
  await world.journal.record(keyOf(world.pve), null)
  return true
}

/**
 * Of endpoint and identity only a hash: in a workflow, all who may read the repository may read its caches. Another
 * cluster, or another token with other privileges, has another key.
 */
function keyOf({ endpoint, identity }: Cache['pve']): string {
  return `cluster:${createHash('sha256').update(`${endpoint}\n${identity}`).digest('hex').slice(0, 32)}`
}

function isSlowFacts(value: unknown): value is SlowFacts {
  if (!isRecord(value)) return false
  const { version, permissions, bridges, tags } = value
  if (!isRecord(tags) || !isTexts(tags.allowed)) return false
  if (typeof version !== 'string' || !/^\d+\.\d+/.test(version) || !isRecord(permissions) || !isRecord(bridges))
    return false
  const held = Object.values(permissions).every((paths) => isRecord(paths) && Object.values(paths).every(isFlag))
  return (
    held &&
    Object.values(bridges).every(isTexts) &&
    (tags.registered === undefined || isTexts(tags.registered)) &&
    (tags.access === undefined || typeof tags.access === 'string')
  )
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

function isFlag(value: unknown): boolean {
  return value === 0 || value === 1
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
