// This project's machines and templates: found by tag in the one listing, proved ours by the marker in their config.
import pMap from 'p-map'
import { ProvisionError } from '../errors.ts'
import { isProblem } from '../ports/pve/problem.ts'
import type { World } from '../ports/world.ts'
import type { GuestFacts, UnreachableGuest } from './facts.ts'
import { OWNER_TAG, readMarker } from './marker.ts'
import type { ResourceRow } from './observe-cluster.ts'
import { isReadyTemplate } from './template.ts'

export interface ObservedGuests {
  readonly guests: readonly GuestFacts[]
  readonly unreachable: readonly UnreachableGuest[]
}

/**
 * One config read a guest. The listing lags up to 10 s (names, `template`), so what counts is read from the config. A
 * guest on a node that does not answer is unknown, never absent.
 */
export async function observeGuests(
  project: string,
  rows: readonly ResourceRow[],
  world: World,
): Promise<ObservedGuests> {
  const dead = new Set(rows.flatMap(({ type, node, status }) => (type === 'node' && status !== 'online' ? [node] : [])))
  const candidates = rows.filter((row) => row.type === 'qemu' && (row.tags ?? '').split(/[;, ]/).includes(OWNER_TAG))
  const unreachable: UnreachableGuest[] = []
  const read = async (row: ResourceRow): Promise<GuestFacts | undefined> => {
    try {
      if (!dead.has(row.node)) return await readGuest(row, world)
    } catch (thrown) {
      if (!(thrown instanceof ProvisionError) || thrown.code !== 'UNREACHABLE' || row.node === undefined) throw thrown
      // Its other guests need not wait for the same.
      dead.add(row.node)
    }
    unreachable.push({ vmid: row.vmid ?? 0, node: row.node ?? '', name: row.name ?? '' })
    return undefined
  }
  const guests = await pMap(candidates, read, { concurrency: 8 })
  return {
    guests: guests.filter((guest) => guest !== undefined).filter(({ marker }) => marker.project === project),
    unreachable,
  }
}

async function readGuest(row: ResourceRow, { pve }: World): Promise<GuestFacts | undefined> {
  const { vmid, node, pool } = row
  if (vmid === undefined || node === undefined) return undefined
  const config = await readConfig({ vmid, node }, pve)
  const marker = readMarker(config?.description)
  if (config === undefined || marker === undefined) return undefined
  return {
    vmid,
    node,
    name: typeof config.name === 'string' ? config.name : (row.name ?? ''),
    marker,
    template: isReadyTemplate(config),
    status: row.status === 'running' || row.status === 'stopped' ? row.status : 'unknown',
    ...(typeof config.lock === 'string' && { lock: config.lock }),
    ...(pool !== undefined && { pool }),
    ...(row.hastate !== undefined && { ha: row.hastate }),
    config,
    ...(typeof config.digest === 'string' && { configDigest: config.digest }),
  }
}

/**
 * The listing's status lags as well: guests that should run and seem not to are looked up once more in their node's own
 * list, one request a node, and none where everything runs.
 */
export async function withFreshStatus(
  guests: readonly GuestFacts[],
  shouldRun: (guest: GuestFacts) => boolean,
  { pve }: Pick<World, 'pve'>,
): Promise<readonly GuestFacts[]> {
  const doubtful = guests.filter((guest) => guest.status !== 'running' && shouldRun(guest))
  const nodes = [...new Set(doubtful.map(({ node }) => node))]
  const lists = await pMap(nodes, (node) => pve.request<readonly ResourceRow[]>('GET', `/nodes/${node}/qemu`), {
    concurrency: 8,
  })
  const running = new Set(lists.flat().flatMap(({ vmid, status }) => (status === 'running' ? [vmid] : [])))
  return guests.map((guest) =>
    doubtful.includes(guest) && running.has(guest.vmid) ? { ...guest, status: 'running' } : guest,
  )
}

/** A guest's config with pending values; nothing when it went away since the listing, or moved to another node. */
export async function readConfig(
  { vmid, node }: { readonly vmid: number; readonly node: string },
  pve: World['pve'],
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return await pve.request<Record<string, unknown>>(
      'GET',
      `/nodes/${node}/qemu/${vmid}/config`,
      signal ? { signal } : {},
    )
  } catch (thrown) {
    if (isProblem(thrown, 'not-found')) return undefined
    throw thrown
  }
}
