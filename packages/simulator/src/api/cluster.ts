// The cluster: resources as the status daemon knows them, free ids, options.
import { badParameters } from '../errors.ts'
import { bootDiskBytes, cpuCount, guestName, memoryBytes, uptimeSeconds } from '../guests/status.ts'
import type { Machine } from '../state/machines.ts'
import { isOnNode } from '../storage/storage-config.ts'
import type { World } from '../world.ts'
import type { Call, Endpoint } from './call.ts'
import { nodeRow } from './nodes.ts'
import { spaceOf } from './storage.ts'

export const clusterEndpoints: readonly Endpoint[] = [
  { path: '/cluster/resources', method: 'GET', handle: resources },
  { path: '/cluster/status', method: 'GET', handle: status },
  { path: '/cluster/nextid', method: 'GET', handle: nextId },
  { path: '/cluster/options', method: 'GET', handle: options },
  { path: '/cluster/options', method: 'PUT', handle: setOptions },
]

interface Seen {
  readonly row: Record<string, unknown>
}

interface StatusDaemon {
  readAt: number
  readonly seen: Map<number, Seen>
}

const daemons = new WeakMap<World, StatusDaemon>()

/** What the status daemon knew when it last looked: up to 10 s ago. */
function statusOf(world: World): ReadonlyMap<number, Seen> {
  const daemon = daemons.get(world) ?? { readAt: Number.NEGATIVE_INFINITY, seen: new Map<number, Seen>() }
  daemons.set(world, daemon)
  const interval = world.latency.statusMs
  const tick = interval === 0 ? world.clock.now() : Math.floor(world.clock.now() / interval) * interval
  if (interval > 0 && daemon.readAt >= tick) return daemon.seen
  daemon.readAt = tick
  daemon.seen.clear()
  for (const machine of world.machines.all()) daemon.seen.set(machine.vmid, { row: statistics(world, machine) })
  return daemon.seen
}

/** Lets the status daemon look now: for tests, and so that time that passes unobserved passes anyway. */
export function observeStatus(world: World): void {
  statusOf(world)
}

function statistics(world: World, machine: Machine): Record<string, unknown> {
  const isRunning = machine.power !== undefined
  return {
    name: guestName(machine),
    status: isRunning ? 'running' : 'stopped',
    template: machine.config.values.get('template') === 1 ? 1 : 0,
    cpu: 0,
    maxcpu: cpuCount(machine),
    mem: isRunning ? Math.floor(memoryBytes(machine) / 8) : 0,
    maxmem: memoryBytes(machine),
    disk: 0,
    maxdisk: bootDiskBytes(machine),
    diskread: 0,
    diskwrite: 0,
    netin: 0,
    netout: 0,
    uptime: uptimeSeconds(world, machine),
  }
}

function guestResource(call: Call, machine: Machine): Record<string, unknown> {
  const { world } = call
  const pool = [...world.users.pools].find(([, members]) => members.machines.has(machine.vmid))?.[0]
  const resource = world.ha.get(`vm:${machine.vmid}`)
  const tags = machine.config.values.get('tags')
  const lock = machine.config.values.get('lock')
  return {
    id: `qemu/${machine.vmid}`,
    type: 'qemu',
    vmid: machine.vmid,
    node: machine.node,
    status: 'unknown',
    ...statusOf(world).get(machine.vmid)?.row,
    ...(tags !== undefined && { tags }),
    ...(lock !== undefined && { lock }),
    ...(pool !== undefined && { pool }),
    ...(resource !== undefined && { hastate: resource.state }),
  }
}

function resources(call: Call): readonly Record<string, unknown>[] {
  const { world } = call
  const type = call.optional('type')
  const wants = (kind: string): boolean => type === undefined || type === kind
  const rows: Record<string, unknown>[] = []
  if (type === undefined) rows.push(...poolRows(call))
  if (wants('vm')) {
    const visible = world.machines.all().filter((machine) => call.may(`/vms/${machine.vmid}`, 'VM.Audit'))
    rows.push(...visible.map((machine) => guestResource(call, machine)))
  }
  if (wants('node'))
    rows.push(...[...world.nodes.values()].map((node) => ({ ...nodeRow(call, node), 'cgroup-mode': 2 })))
  if (wants('storage')) rows.push(...storageRows(call))
  if (wants('sdn')) rows.push(...networkRows(call))
  return rows
}

function poolRows(call: Call): readonly Record<string, unknown>[] {
  return [...call.world.users.pools.keys()]
    .filter((pool) => call.mayAny(`/pool/${pool}`, 'Pool.Audit', 'Pool.Allocate'))
    .map((pool) => ({ id: `/pool/${pool}`, type: 'pool', pool }))
}

function storageRows(call: Call): readonly Record<string, unknown>[] {
  const { world } = call
  return [...world.nodes.values()].flatMap((node) =>
    [...world.storage.storages.values()]
      .filter((storage) => isOnNode(storage, node.name))
      .filter((storage) => call.mayAny(`/storage/${storage.id}`, 'Datastore.Audit', 'Datastore.AllocateSpace'))
      .map((storage) => {
        const space = spaceOf(world, storage, node.name)
        return {
          id: `storage/${node.name}/${storage.id}`,
          type: 'storage',
          storage: storage.id,
          node: node.name,
          plugintype: storage.type,
          status: storage.disabled ? 'unknown' : node.online ? 'available' : 'unknown',
          shared: storage.shared ? 1 : 0,
          content: [...storage.content].join(','),
          disk: space.used,
          maxdisk: space.total,
        }
      }),
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

function status({ world }: Call): readonly Record<string, unknown>[] {
  const nodes = [...world.nodes.values()]
  const rows: Record<string, unknown>[] = nodes.map((node, index) => ({
    type: 'node',
    id: `node/${node.name}`,
    name: node.name,
    nodeid: nodes.length === 1 ? 0 : index + 1,
    ip: node.address,
    level: '',
    local: node.name === world.home ? 1 : 0,
    online: node.online ? 1 : 0,
  }))
  const cluster = {
    type: 'cluster',
    id: 'cluster',
    name: 'simulated',
    version: nodes.length,
    nodes: nodes.length,
    quorate: world.quorate ? 1 : 0,
  }
  return nodes.length === 1 ? rows : [cluster, ...rows]
}

/** Reserves nothing: everybody who asks at the same time gets the same number. */
function nextId(call: Call): string {
  const wanted = call.optional('vmid')
  if (wanted !== undefined) {
    if (call.world.machines.find(Number(wanted)) !== undefined)
      throw badParameters({ vmid: `VM ${wanted} already exists` })
    return wanted
  }
  let id = 100
  while (call.world.machines.find(id) !== undefined) id += 1
  return String(id)
}

function options(call: Call): Record<string, unknown> {
  return Object.fromEntries(call.world.options)
}

function setOptions(call: Call): null {
  for (const [key, value] of Object.entries(call.parameters)) if (key !== 'delete') call.world.options.set(key, value)
  for (const key of (call.optional('delete') ?? '').split(',')) call.world.options.delete(key)
  return null
}
