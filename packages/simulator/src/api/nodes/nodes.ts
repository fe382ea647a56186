// Nodes: the list, the status of a node, its networks.
import { ApiError } from '../../errors.ts'
import { memoryBytes } from '../../guests/status.ts'
import { spaceOf } from '../../storage/space.ts'
import type { NodeState, World } from '../../world.ts'
import type { Call, Endpoint } from '../call.ts'

export const nodeEndpoints: readonly Endpoint[] = [
  { path: '/nodes', method: 'GET', handle: list },
  { path: '/nodes/{node}/status', method: 'GET', handle: status },
]

export function usedMemory(world: World, node: NodeState): number {
  const guests = world.machines.on(node.name).filter((machine) => machine.power !== undefined)
  return guests.reduce((sum, machine) => sum + memoryBytes(machine) / 8, 1024 ** 3)
}

/** Returns a node as the lists show it. Details require the audit privilege, and a node that is online. */
export function nodeRow(call: Call, node: NodeState): Record<string, unknown> {
  const { world } = call
  const row = {
    node: node.name,
    id: `node/${node.name}`,
    type: 'node',
    // A node whose proxy refuses connections is still in the cluster.
    status: node.online || node.refusing ? 'online' : 'offline',
    level: '',
  }
  if (!call.may(`/nodes/${node.name}`, 'Sys.Audit')) return row
  const local = world.storage.storages.get('local')
  const space = local === undefined ? { total: 0, used: 0 } : spaceOf(world, local, node.name)
  const sizes = { maxcpu: node.cores, maxmem: node.memoryBytes, maxdisk: space.total }
  if (row.status === 'offline') return { ...row, ...sizes }
  return {
    ...row,
    ...sizes,
    cpu: 0.02,
    mem: usedMemory(world, node),
    disk: space.used,
    uptime: Math.floor((world.clock.now() - world.startedAt) / 1000) + 3600,
  }
}

function list(call: Call): readonly Record<string, unknown>[] {
  const { world } = call
  return [...world.nodes.values()].map((node) => ({ ...nodeRow(call, node), ssl_fingerprint: world.fingerprint }))
}

function requireNode(call: Call): NodeState {
  const node = call.world.nodes.get(call.node)
  if (node === undefined) throw new ApiError(500, `no such node '${call.node}'`)
  return node
}

function status(call: Call): Record<string, unknown> {
  const { world } = call
  const node = requireNode(call)
  const row = nodeRow(call, node)
  const total = node.memoryBytes
  const used = usedMemory(world, node)
  const release = world.version === '8.4' ? '6.8.12-21-pve' : '6.17.4-2-pve'
  return {
    uptime: row.uptime,
    cpu: 0.02,
    wait: 0,
    idle: 0,
    loadavg: ['0.08', '0.03', '0.01'],
    kversion: `Linux ${release} #1 SMP PREEMPT_DYNAMIC PMX ${release}`,
    'current-kernel': { sysname: 'Linux', release, version: '#1 SMP PREEMPT_DYNAMIC PMX', machine: 'x86_64' },
    pveversion: `pve-manager/${world.version === '8.4' ? '8.4.21' : '9.2.6'}/0000000000000000`,
    'boot-info': { mode: 'efi', secureboot: 0 },
    cpuinfo: {
      cores: node.cores,
      cpus: node.cores,
      sockets: 1,
      model: 'Simulated CPU',
      mhz: '2600.000',
      user_hz: 100,
      hvm: '1',
      flags: '',
      ...(world.version !== '8.4' && { family: '6', vendor: 'GenuineIntel' }),
    },
    memory: { total, used, free: total - used, ...(world.version !== '8.4' && { available: total - used }) },
    swap: { total: 0, used: 0, free: 0 },
    ksm: { shared: 0 },
    rootfs: {
      total: row.maxdisk,
      used: row.disk,
      free: Number(row.maxdisk) - Number(row.disk),
      avail: Number(row.maxdisk) - Number(row.disk),
    },
  }
}
