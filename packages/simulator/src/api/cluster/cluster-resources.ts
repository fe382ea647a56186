import { bootDiskBytes, cpuCount, guestName, memoryBytes, qmpStatus, uptimeSeconds } from '../../guests/status.ts'
import type { Machine } from '../../state/machines.ts'
import type { PveVersion } from '../../state/privileges.ts'
import { poolOf } from '../../state/user-config.ts'
import { parseVmConfig } from '../../state/vm-config.ts'
import { isReachable } from '../../storage/activate.ts'
import { spaceOf } from '../../storage/space.ts'
import { isOnNode, type StorageConfig } from '../../storage/storage-config.ts'
import type { NodeState, World } from '../../world.ts'
import type { Call, Endpoint } from '../call.ts'
import { nodeRow } from '../nodes/nodes.ts'
import { isActive, stateInManager } from './ha/status.ts'

export const resourceEndpoints: readonly Endpoint[] = [{ path: '/cluster/resources', method: 'GET', handle: resources }]

/** The time of the status daemon's last update of each world, in milliseconds since 1970. */
const lastLooks = new WeakMap<World, number>()

function lastLook(world: World): number {
  const known = lastLooks.get(world) ?? world.startedAt
  const { statusMs } = world.latency
  const now = world.clock.now()
  const looked = statusMs === 0 ? now : known + Math.floor((now - known) / statusMs) * statusMs
  lastLooks.set(world, looked)
  return looked
}

/** Makes the status daemon update now, without waiting for its next interval. */
export function observeStatus(world: World): void {
  lastLooks.set(world, world.clock.now())
}

/** Returns a machine as the status daemon last saw it, up to 10 s ago. Undefined if it did not exist then. */
function lastSeen(world: World, machine: Machine): Machine | undefined {
  // The machines of a node that is not a member of the cluster are not reported.
  if (!world.nodes.has(machine.node)) return undefined
  if (world.latency.statusMs === 0) return machine
  const at = lastLook(world)
  if (machine.createdAt > at) return undefined
  const saved = machine.history.findLast((entry) => entry.at <= at)
  return saved === undefined || saved === machine.history.at(-1)
    ? machine
    : { ...machine, config: parseVmConfig(saved.text) }
}

interface Known {
  readonly saved: Machine['history'][number] | undefined
  readonly power: Machine['power']
  readonly row: Record<string, unknown>
}

/**
 * Values that depend only on the configuration, cached until it is saved again. So listing a thousand machines stays
 * fast.
 */
const knownRows = new WeakMap<Machine, Known>()

function configured(machine: Machine, version: PveVersion): Record<string, unknown> {
  const known = knownRows.get(machine)
  const saved = machine.history.at(-1)
  if (known !== undefined && known.saved === saved && known.power === machine.power) return known.row
  const isRunning = machine.power !== undefined
  const mem = isRunning ? Math.floor(memoryBytes(machine) / 8) : 0
  const row = {
    name: guestName(machine),
    template: machine.config.values.get('template') === 1 ? 1 : 0,
    cpu: 0,
    maxcpu: cpuCount(machine),
    mem,
    ...(version !== '8.4' && { memhost: mem }),
    maxmem: memoryBytes(machine),
    disk: 0,
    maxdisk: bootDiskBytes(machine),
    diskread: 0,
    diskwrite: 0,
    netin: 0,
    netout: 0,
  }
  knownRows.set(machine, { saved, power: machine.power, row })
  return row
}

function statistics(world: World, machine: Machine): Record<string, unknown> {
  // The status daemon reports QEMU's own state (pve-manager `update_qemu_status`).
  return { ...configured(machine, world.version), status: qmpStatus(machine), uptime: uptimeSeconds(world, machine) }
}

/** Returns a machine as the status daemon last saw it (pve-manager `extract_vm_stats`). */
export function guestStatistics(call: Call, machine: Machine): Record<string, unknown> {
  const { world } = call
  const seen = lastSeen(world, machine)
  return {
    id: `qemu/${machine.vmid}`,
    type: 'qemu',
    vmid: machine.vmid,
    node: machine.node,
    status: 'unknown',
    ...(seen !== undefined && statistics(world, seen)),
  }
}

function guestResource(call: Call, machine: Machine): Record<string, unknown> {
  const { world } = call
  const pool = poolOf(world.users, machine.vmid)
  const resource = world.ha.resources.get(`vm:${machine.vmid}`)
  const hastate = resource && (stateInManager(world, resource) ?? resource.settings.get('state'))
  const tags = machine.config.values.get('tags')
  const lock = machine.config.values.get('lock')
  return {
    ...guestStatistics(call, machine),
    ...(tags !== undefined && { tags }),
    ...(lock !== undefined && { lock }),
    ...(pool !== undefined && call.may(`/pool/${pool}`, 'Pool.Audit') && { pool }),
    ...(hastate !== undefined && { hastate }),
  }
}

function resources(call: Call): readonly Record<string, unknown>[] {
  const { world } = call
  const type = call.optional('type')
  const wants = (kind: string): boolean => type === undefined || type === kind
  const rows: Record<string, unknown>[] = []
  const isSummed = type === undefined
  if (wants('pool')) rows.push(...poolRows(call, isSummed))
  if (wants('vm')) {
    const visible = world.machines.all().filter((machine) => call.may(`/vms/${machine.vmid}`, 'VM.Audit'))
    rows.push(...visible.map((machine) => guestResource(call, machine)))
  }
  if (wants('node')) rows.push(...[...world.nodes.values()].map((node) => nodeResource(call, node)))
  if (wants('storage')) rows.push(...storageRows(call))
  if (wants(world.version === '8.4' ? 'sdn' : 'network')) rows.push(...networkRows(call))
  return rows
}

function nodeResource(call: Call, node: NodeState): Record<string, unknown> {
  const hastate = node.online ? 'online' : 'unknown'
  return { ...nodeRow(call, node), 'cgroup-mode': 2, ...(isActive(call.world) && { hastate }) }
}

/** Lists pools. If the machines are listed too, pools include the sums of their running machines. */
function poolRows(call: Call, isSummed: boolean): readonly Record<string, unknown>[] {
  const { users } = call.world
  return [...users.pools.keys()]
    .filter((pool) => call.may(`/pool/${pool}`, 'Pool.Audit'))
    .sort()
    .map((pool) => ({ id: `/pool/${pool}`, type: 'pool', pool, ...(isSummed && sumOf(call, pool)) }))
}

function sumOf(call: Call, pool: string): Record<string, unknown> {
  const members = [...(call.world.users.pools.get(pool)?.machines ?? [])].flatMap((vmid) => {
    const machine = call.world.machines.find(vmid)
    return machine === undefined ? [] : [guestStatistics(call, machine)]
  })
  const running = members.filter(({ uptime }) => Number(uptime ?? 0) > 0)
  const total = (key: string): number => running.reduce((sum, member) => sum + Number(member[key]), 0)
  if (running.length === 0) return {}
  const uptime = Math.max(...running.map((member) => Number(member.uptime)))
  return { uptime, mem: total('mem'), maxmem: total('maxmem'), cpu: 0, maxcpu: total('maxcpu') }
}

/** Returns a storage of a node (pve-manager `extract_storage_stats`). */
export function storageStatistics(call: Call, storage: StorageConfig, node: string): Record<string, unknown> {
  const { world } = call
  const isSeen = !storage.disabled && isReachable(world.storage, storage) && world.nodes.get(node)?.online === true
  const space = isSeen ? spaceOf(world, storage, node) : undefined
  return {
    id: `storage/${node}/${storage.id}`,
    type: 'storage',
    storage: storage.id,
    node,
    plugintype: storage.type,
    status: isSeen ? 'available' : 'unknown',
    shared: storage.shared ? 1 : 0,
    content: [...storage.content].join(','),
    ...(space !== undefined && { disk: space.used, maxdisk: space.total }),
  }
}

function storageRows(call: Call): readonly Record<string, unknown>[] {
  const { world } = call
  return [...world.storage.storages.values()]
    .filter(({ id, disabled }) => !disabled && call.may(`/storage/${id}`, 'Datastore.Audit'))
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .flatMap((storage) =>
      [...world.nodes.keys()]
        .filter((node) => isOnNode(storage, node))
        .map((node) => storageStatistics(call, storage, node)),
    )
}

function networkRows(call: Call): readonly Record<string, unknown>[] {
  if (!call.mayAny('/sdn/zones/localnetwork', 'SDN.Audit')) return []
  const nodes = [...call.world.nodes.keys()]
  if (call.world.version === '8.4') {
    return nodes.map((node) => ({
      id: `sdn/${node}/localnetwork`,
      type: 'sdn',
      sdn: 'localnetwork',
      node,
      status: 'ok',
    }))
  }
  return nodes.map((node) => ({
    id: `network/${node}/zone/localnetwork`,
    type: 'network',
    network: 'localnetwork',
    'network-type': 'zone',
    node,
    status: 'ok',
  }))
}
