// Finds the VMs and templates of this project: by tag in the listing, then by the marker in their config.

import pMap from 'p-map'
import { ProvisionError } from '../../errors.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { sortByName } from '../../natural-order.ts'
import { api } from '../../ports/pve/api.ts'
import { askByNode } from '../../ports/pve/ask-by-node.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import type { World } from '../../ports/world.ts'
import type { GuestFacts, ListedGuest } from '../facts.ts'
import { OWNER_TAG, readMarker } from './marker.ts'
import type { ResourceRow } from './observe-cluster.ts'
import { type ConfigAndPending, readPending } from './pending-config.ts'
import { isReadyTemplate, TEMPLATE_PREFIX } from './template-state.ts'

export interface ObservedGuests {
  readonly guests: readonly GuestFacts[]
  readonly unreachable: readonly ListedGuest[]
  readonly namesakes: readonly ListedGuest[]
}

/**
 * Reads each candidate guest with one request. The listing lags by up to 10 s (names, `template`), so the config
 * decides. A guest on a node that does not answer is unknown, not absent. Users may remove the tag, and templates in a
 * pool get it only after they are created. So guests with the name of a machine or of a template are read as well, and
 * new ones that have no name yet.
 */
export async function observeGuests(
  { project, machines }: Pick<Desired, 'project' | 'machines'>,
  rows: readonly ResourceRow[],
  world: World,
): Promise<ObservedGuests> {
  const nodes = rows.filter(({ type }) => type === 'node')
  const dead = new Set(nodes.flatMap(({ node, status }) => (status === 'online' ? [] : [node])))
  const members = new Set(nodes.map(({ node }) => node))
  const names = new Set(machines.map(({ name }) => name))
  const isCalledSo = ({ name = '' }: ResourceRow) =>
    names.has(name) || name.startsWith(TEMPLATE_PREFIX) || isNameless(name)
  const isLost = ({ node }: ResourceRow) => !members.has(node)
  const candidates = rows.filter((row) => row.type === 'qemu' && (isTagged(row) || isCalledSo(row) || isLost(row)))
  const look = async (row: ResourceRow) => (isLost(row) ? stranded(row) : inspect(row, dead, world))
  const found = await askByNode(candidates, look)
  const guests = found.flatMap(({ guest }) => (guest?.marker.project === project ? [guest] : []))
  return {
    guests: inOrder(guests, ({ marker }) => marker.name),
    unreachable: inOrder(found.flatMap(({ unreachable }) => unreachable ?? [])),
    namesakes: inOrder(found.flatMap(({ unmarked }) => (unmarked && names.has(unmarked.name) ? [unmarked] : []))),
  }
}

/** Sorts by name, because the order of Proxmox's listing differs from call to call. */
function inOrder<Guest extends ListedGuest>(
  guests: readonly Guest[],
  nameOf: (guest: Guest) => string = ({ name }) => name,
): readonly Guest[] {
  return sortByName(guests, nameOf, ({ vmid }) => vmid)
}

/** In its first ten seconds, a guest is listed without a name, or as `VM 710`. */
function isNameless(name: string): boolean {
  return name === '' || /^VM \d+$/.test(name)
}

function isTagged({ tags = '' }: ResourceRow): boolean {
  return tags.split(/[;, ]/).includes(OWNER_TAG)
}

interface Found {
  readonly guest?: GuestFacts
  readonly unreachable?: ListedGuest
  readonly unmarked?: ListedGuest
}

/** Adds a node that does not answer to `dead`, so that its other guests do not wait for the same timeout. */
async function inspect(row: ResourceRow, dead: Set<string | undefined>, { pve }: World): Promise<Found> {
  const { vmid, node, name = '' } = row
  if (vmid === undefined || node === undefined) return {}
  const listed = { vmid, node, name }
  try {
    const read = dead.has(node) ? undefined : await readPending({ vmid, node }, pve)
    if (read !== undefined) return judge(row, listed, read)
  } catch (thrown) {
    if (!(thrown instanceof ProvisionError) || thrown.code !== 'UNREACHABLE') throw thrown
    dead.add(node)
  }
  return dead.has(node) && isTagged(row) ? { unreachable: listed } : {}
}

/**
 * Creates the entry of a guest on a node that was removed from the cluster. Its config cannot be read, and it often has
 * no name.
 */
function stranded({ vmid, node, name = '' }: ResourceRow): Found {
  return vmid === undefined || node === undefined ? {} : { unreachable: { vmid, node, name, isStranded: true } }
}

function judge({ status, pool, hastate }: ResourceRow, listed: ListedGuest, read: ConfigAndPending): Found {
  const { config, pending } = read
  const marker = readMarker(config.description, listed.vmid)
  const name = typeof config.name === 'string' ? config.name : listed.name
  if (marker === undefined) return { unmarked: { ...listed, name } }
  const guest = {
    ...listed,
    name,
    marker,
    template: isReadyTemplate(config),
    ...powerOf(status),
    ...(typeof config.lock === 'string' && { lock: config.lock }),
    ...(pool !== undefined && { pool }),
    ...(hastate !== undefined && { ha: { state: hastate, current: hastate } }),
    config,
    ...(pending.length > 0 && { pending }),
  } as const
  return { guest }
}

/**
 * States in which QEMU does not run the guest. Proxmox's status daemon lists them in place of `running` (pve-manager
 * `update_qemu_status`); the lists of nodes do not.
 */
const PAUSED: ReadonlySet<string | undefined> = new Set([
  'paused',
  'suspended',
  'io-error',
  'internal-error',
  'guest-panicked',
  'watchdog',
])

/** Returns the power of a guest in the cluster's listing. */
export function powerOf(status: string | undefined): Pick<GuestFacts, 'status' | 'isPaused'> {
  return PAUSED.has(status) ? { status: 'running', isPaused: true } : { status: statusOf(status) }
}

function statusOf(status: string | undefined): GuestFacts['status'] {
  return status === 'running' || status === 'stopped' ? status : 'unknown'
}

/**
 * The status in the listing lags too. So this reads the guest lists of nodes with guests that should run, one request
 * for each node.
 */
export async function withFreshStatus(
  guests: readonly GuestFacts[],
  shouldRun: (guest: GuestFacts) => boolean,
  { pve }: Pick<World, 'pve'>,
): Promise<readonly GuestFacts[]> {
  const nodes = [...new Set(guests.filter(shouldRun).map(({ node }) => node))]
  const lists = await pMap(nodes, (node) => api(pve).nodes.$(node).qemu.$get(), {
    concurrency: 8,
  })
  const fresh = new Map(lists.flat().map((row) => [Number(row.vmid), row]))
  return guests.map((guest) => {
    const { status = guest.status, pid } = fresh.get(guest.vmid) ?? {}
    const { isPaused = false, ...rest } = guest
    const isNow = statusOf(status)
    return {
      ...rest,
      status: isNow,
      ...(isPaused && isNow === 'running' && { isPaused }),
      ...(pid !== undefined && { pid }),
    }
  })
}

/** Reads a guest's config with pending values. Returns undefined if the guest was removed or moved to another node. */
export async function readConfig(
  { vmid, node }: { readonly vmid: number; readonly node: string },
  pve: World['pve'],
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return await api(pve, { signal }).nodes.$(node).qemu.$(vmid).config.$get()
  } catch (thrown) {
    if (isProblem(thrown, 'not-found')) return undefined
    throw thrown
  }
}
