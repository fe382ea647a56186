// Reads all machines of a cluster, including manually created ones, to write a manifest for them.
import { ProvisionError } from '../../errors.ts'
import { select } from '../../manifest/select.ts'
import { api } from '../../ports/pve/api.ts'
import { askByNode } from '../../ports/pve/ask-by-node.ts'
import { permissionsOf } from '../../ports/pve/permissions.ts'
import type { World } from '../../ports/world.ts'
import type { HaFacts, PendingValue } from '../facts.ts'
import { type Marker, readMarker } from './marker.ts'
import { listResources, type ResourceRow } from './observe-cluster.ts'
import { powerOf } from './observe-guests.ts'
import { readHa } from './observe-ha.ts'
import { readPending } from './pending-config.ts'
import { isTemplate } from './template-state.ts'

/** A machine or a template, as in its config. */
export interface SurveyedMachine {
  readonly vmid: number
  readonly node: string
  /** Empty if it has none. */
  readonly name: string
  readonly status: 'running' | 'stopped'
  readonly isTemplate: boolean
  /** Proxmox's `lock` property, if set. */
  readonly lock?: string
  readonly pool?: string
  readonly ha?: HaFacts
  /** The marker of this project or another one. */
  readonly marker?: Marker
  /** With pending values applied. */
  readonly config: Readonly<Record<string, unknown>>
  readonly pending: readonly PendingValue[]
}

/** The existing machines of a cluster. */
export interface MachineSurvey {
  /** Machines that match the patterns, and all templates, sorted by id. */
  readonly machines: readonly SurveyedMachine[]
  /** Machines that match the patterns, but whose node does not answer. */
  readonly unreachable: readonly Pick<SurveyedMachine, 'vmid' | 'node' | 'name'>[]
  readonly containers: number
  /** True if patterns chose the machines. */
  readonly isChosen?: boolean
  /** True if the token has VM.Audit on all machines. If not, there may be more machines. */
  readonly seesAll: boolean
}

/** Options for `surveyMachines`. */
export interface SurveyOptions {
  /** Names, which may contain `*` and `?`. If absent: all machines. */
  readonly patterns?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads the machines of a cluster: one listing, and one request for each machine.
 * @throws ProvisionError `USAGE` for a pattern without a match; errors of calls to Proxmox
 */
export async function surveyMachines(
  world: World,
  { patterns = [], signal }: SurveyOptions = {},
): Promise<MachineSurvey> {
  const [rows, permissions, ha] = await Promise.all([
    listResources(world, signal),
    api(world.pve, { signal }).access.permissions.$get(),
    readHa(world, signal),
  ])
  const has = permissionsOf(permissions)
  const guests = rows.filter(({ type }) => type === 'qemu').flatMap(namedRow)
  const named = new Set(select(guests.filter(isMachine), patterns, { where: 'in Proxmox' }))
  const online = new Set(rows.flatMap(({ type, node, status }) => (type === 'node' && status === 'online' ? node : [])))
  const asked = guests.filter((guest) => named.has(guest) || !isMachine(guest))
  const read = await askByNode(asked, (guest) => lookAt(guest, { world, online, ha }))
  return {
    machines: read.flatMap(({ machine }) => machine ?? []).toSorted((one, other) => one.vmid - other.vmid),
    unreachable: read.flatMap(({ unreachable }) => (unreachable && named.has(unreachable) ? unreachable : [])),
    containers: rows.filter(({ type }) => type === 'lxc').length,
    isChosen: patterns.length > 0,
    seesAll: has('/vms', 'VM.Audit'),
  }
}

interface NamedRow extends ResourceRow {
  readonly vmid: number
  readonly node: string
  readonly name: string
  readonly entry: string
}

/** The listing has no name for a machine that was created seconds ago. */
function namedRow(row: ResourceRow): readonly NamedRow[] {
  const { vmid, node, name = '' } = row
  return vmid === undefined || node === undefined ? [] : [{ ...row, vmid, node, name, entry: name }]
}

function isMachine({ template }: ResourceRow): boolean {
  return !template
}

interface Looking {
  readonly world: World
  readonly online: ReadonlySet<string | undefined>
  readonly ha: ReadonlyMap<string, HaFacts> | undefined
}

interface Found {
  readonly machine?: SurveyedMachine
  readonly unreachable?: NamedRow
}

async function lookAt(row: NamedRow, { world, online, ha }: Looking): Promise<Found> {
  const { vmid, node, pool, hastate, status } = row
  const read = online.has(node) ? await readOrLost(row, world) : 'lost'
  if (read === 'lost') return { unreachable: row }
  if (read === undefined) return {}
  const { config, pending } = read
  const marker = readMarker(config.description, vmid)
  const managed = ha?.get(`vm:${vmid}`) ?? (hastate === undefined ? undefined : { state: hastate })
  return {
    machine: {
      vmid,
      node,
      name: typeof config.name === 'string' ? config.name : '',
      status: powerOf(status).status === 'running' ? 'running' : 'stopped',
      isTemplate: isTemplate(config),
      ...(typeof config.lock === 'string' && config.lock !== '' && { lock: config.lock }),
      ...(pool !== undefined && { pool }),
      ...(managed && { ha: managed }),
      ...(marker && { marker }),
      config,
      pending,
    },
  }
}

async function readOrLost(row: NamedRow, { pve }: World): Promise<Awaited<ReturnType<typeof readPending>> | 'lost'> {
  try {
    return await readPending(row, pve)
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code === 'UNREACHABLE' && thrown.details.node === row.node)
      return 'lost'
    throw thrown
  }
}
