// The whole state as one JSON document, for the page and for scripts.
import type { Faults } from '../faults/faults.ts'
import { bootDiskBytes, cpuCount, guestName, memoryBytes, uptimeSeconds } from '../guests/status.ts'
import type { LoggedRequest, RequestLog } from '../http/request-log.ts'
import type { Machine } from '../state/machines.ts'
import { spaceOf } from '../storage/space.ts'
import type { Task } from '../tasks/tasks.ts'
import type { World } from '../world.ts'

export interface OverviewParts {
  readonly world: World
  readonly faults: Faults
  readonly log: RequestLog
  readonly endpoint: string
}

const shownRequests = 100
const shownTasks = 100

export function overview({ world, faults, log, endpoint }: OverviewParts): Record<string, unknown> {
  return {
    endpoint,
    version: world.version,
    fingerprint: world.fingerprint,
    quorate: world.quorate,
    now: world.clock.now(),
    nodes: [...world.nodes.values()].map((node) => ({
      name: node.name,
      state: node.online ? 'online' : node.refusing ? 'refusing' : 'offline',
      machines: world.machines.on(node.name).length,
      running: world.machines.on(node.name).filter((machine) => machine.power !== undefined).length,
    })),
    storages: [...world.storage.storages.values()].map((storage) => ({
      id: storage.id,
      type: storage.type,
      shared: storage.shared,
      content: [...storage.content].sort(),
      ...spaceOf(world, storage, world.home),
    })),
    machines: world.machines
      .all()
      .toSorted((left, right) => left.vmid - right.vmid)
      .map((machine) => machineRow(world, machine)),
    tasks: world.tasks.list().slice(0, shownTasks).map(taskRow),
    requests: {
      total: log.total,
      counts: log.counts(),
      recent: log.recent.slice(-shownRequests).reverse().map(requestRow),
    },
    faults: faults.list(),
  }
}

function machineRow(world: World, machine: Machine): Record<string, unknown> {
  const { values } = machine.config
  return {
    vmid: machine.vmid,
    name: guestName(machine),
    node: machine.node,
    status: values.get('template') === 1 ? 'template' : machine.power === undefined ? 'stopped' : 'running',
    lock: values.get('lock') ?? null,
    tags: String(values.get('tags') ?? '').trim(),
    cores: cpuCount(machine),
    memoryBytes: memoryBytes(machine),
    diskBytes: bootDiskBytes(machine),
    uptimeSeconds: uptimeSeconds(world, machine),
  }
}

function taskRow(task: Task): Record<string, unknown> {
  const { type, id, node, user, startTime } = task.parts
  return {
    upid: task.upid,
    type,
    id,
    node,
    user,
    startTime,
    status: task.exitStatus ?? 'running',
    lastLine: task.lines.at(-1) ?? '',
  }
}

function requestRow({ time, method, path, status, reason, user, elapsedMs }: LoggedRequest): Record<string, unknown> {
  return { time, method, path, status, reason, user, elapsedMs }
}
