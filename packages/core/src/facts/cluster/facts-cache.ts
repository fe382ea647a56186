// Caches facts about the cluster that rarely change in the journal.

import { createHash } from 'node:crypto'
import type { PermissionTree } from '../../ports/pve/permissions.ts'
import type { World } from '../../ports/world.ts'
import type { BridgeLimits, TagRules } from '../facts.ts'

/** Facts that rarely change, in the form in which Proxmox sends them and the journal stores them. */
export interface SlowFacts {
  readonly version: string
  /** By path and privilege: 1 if the privilege propagates to paths below. */
  readonly permissions: PermissionTree
  /** Bridges by node. */
  readonly bridges: Readonly<Record<string, readonly string[]>>
  /** By node and bridge. Entries of older versions lack it. */
  readonly bridgeLimits?: Readonly<Record<string, Readonly<Record<string, BridgeLimits>>>>
  /** Which tags the token may set. */
  readonly tags: TagRules
}

export interface RecalledFacts {
  readonly facts: SlowFacts
  readonly atMs: number
}

export interface FactsAge {
  /** Maximum age of the facts. Default: 24 h; 0 ignores the cache. */
  readonly maxAgeMs?: number | undefined
  /** Nodes whose bridges must be included. */
  readonly nodes?: readonly string[]
}

/** The cached facts about one cluster, as one identity sees it. */
export interface CachedFacts extends RecalledFacts {
  readonly endpoint: string
  readonly identity: string
  readonly ageMs: number
  /** True if a run would still use them. */
  readonly fresh: boolean
}

type Cache = Pick<World, 'pve' | 'journal' | 'clock'>

/** Maximum age of cached facts about the cluster, unless `factsMaxAgeMs` overrides it: 24 h. */
export const FACTS_MAX_AGE_MS = 24 * 60 * 60 * 1000

/**
 * Returns the cached facts of this cluster and identity. Returns undefined if they are missing or too old, or lack a
 * node.
 */
export async function recallClusterFacts(
  world: Cache,
  { maxAgeMs = FACTS_MAX_AGE_MS, nodes = [] }: FactsAge = {},
): Promise<RecalledFacts | undefined> {
  const entry = await world.journal.recall(keyOf(world.pve))
  // The journal is not trusted, so check the shape of the value.
  if (entry === undefined || !isSlowFacts(entry.value)) return undefined
  const { value, atMs } = entry
  const complete = nodes.every((node) => Object.hasOwn(value.bridges, node))
  return complete && world.clock.now() - atMs < maxAgeMs ? { facts: value, atMs } : undefined
}

export async function recordClusterFacts(world: Cache, facts: SlowFacts): Promise<void> {
  await world.journal.record(keyOf(world.pve), facts)
}

/** Returns the cached facts about the cluster, whatever their age. Does not contact Proxmox. */
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

/** Removes the cached facts about the cluster. Resolves with true if there were any. */
export async function clearFacts(world: Cache): Promise<boolean> {
  const was = await showFacts(world)
  if (was === undefined) return false
  await world.journal.record(keyOf(world.pve), null)
  return true
}

/**
 * The key contains only a hash of endpoint and identity, because all who can read a repository can read its workflow
 * caches. Another cluster, or another token with other privileges, has another key.
 */
function keyOf({ endpoint, identity }: Cache['pve']): string {
  return `cluster:${createHash('sha256').update(`${endpoint}\n${identity}`).digest('hex').slice(0, 32)}`
}

function isSlowFacts(value: unknown): value is SlowFacts {
  if (!isRecord(value)) return false
  const { version, permissions, bridges, bridgeLimits = {}, tags } = value
  if (!isRecord(tags) || !isTexts(tags.allowed)) return false
  if (typeof version !== 'string' || !/^\d+\.\d+/.test(version) || !isRecord(permissions) || !isRecord(bridges))
    return false
  if (!isRecord(bridgeLimits) || !Object.values(bridgeLimits).every(areLimits)) return false
  const held = Object.values(permissions).every((paths) => isRecord(paths) && Object.values(paths).every(isFlag))
  return (
    held &&
    Object.values(bridges).every(isTexts) &&
    (tags.registered === undefined || isTexts(tags.registered)) &&
    (tags.access === undefined || typeof tags.access === 'string')
  )
}

function areLimits(value: unknown): boolean {
  return (
    isRecord(value) &&
    Object.values(value).every(
      (limits) =>
        isRecord(limits) &&
        (limits.noTrunks === undefined || limits.noTrunks === true) &&
        (limits.mtu === undefined || typeof limits.mtu === 'number'),
    )
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
