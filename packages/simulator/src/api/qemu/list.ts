// Lists machines, and returns the status of one.
import { runningMachine } from '../../guests/options/machine-type.ts'
import { qemuVersion } from '../../guests/qemu-version.ts'
import { cpuCount, guestRow, memoryBytes, qmpStatus } from '../../guests/status.ts'
import type { HaResource } from '../../state/ha-config.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import type { World } from '../../world.ts'
import type { Call, Endpoint } from '../call.ts'
import { stateInManager } from '../cluster/ha/status.ts'

export const qemuListEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/qemu', method: 'GET', handle: listMachines },
  { path: '/nodes/{node}/qemu/{vmid}/status', method: 'GET', handle: listActions },
  { path: '/nodes/{node}/qemu/{vmid}/status/current', method: 'GET', handle: currentStatus },
]

const subdirs = (names: string): readonly Record<string, string>[] => names.split(' ').map((subdir) => ({ subdir }))
const actions = subdirs('current start stop reset shutdown suspend reboot')

function listActions({ world, node, ...call }: Call): typeof actions {
  world.machines.get(node, call.integer('vmid'))
  return actions
}

function listMachines(call: Call): readonly Record<string, unknown>[] {
  const { world, node } = call
  const visible = world.machines.on(node).filter((machine) => call.may(`/vms/${machine.vmid}`, 'VM.Audit'))
  return visible.map((machine) => ({
    ...guestRow(world, machine),
    ...(call.flag('full') && { qmpstatus: qmpStatus(machine) }),
  }))
}

function currentStatus(call: Call): Record<string, unknown> {
  const { world, node } = call
  const machine = world.machines.get(node, call.integer('vmid'))
  const resource = world.ha.resources.get(`vm:${machine.vmid}`)
  const agent = textOf(machine.config, 'agent')
  const isSerial = (textOf(machine.config, 'vga') ?? '').startsWith('serial')
  return {
    ...guestRow(world, machine),
    qmpstatus: qmpStatus(machine),
    ha: haOf(world, resource),
    ...(agent !== undefined && /^(?:enabled=)?1/.test(agent) && { agent: 1 }),
    ...(isSerial && { clipboard: null }),
    ...(machine.power !== undefined && runningDetails(world, machine)),
    cpus: cpuCount(machine),
  }
}

/** Returns whether the HA manager manages the machine, and its state there. */
function haOf(world: World, resource: HaResource | undefined): Record<string, unknown> {
  if (resource === undefined || resource.state === 'ignored') return { managed: 0 }
  const group = world.version === '8.4' ? { group: resource.settings.get('group') ?? null } : {}
  return { managed: 1, state: stateInManager(world, resource) ?? null, ...group }
}

function runningDetails(world: World, machine: Machine): Record<string, unknown> {
  const { vmid } = machine
  const bytes = memoryBytes(machine)
  return {
    nics: { [`tap${vmid}i0`]: { netin: 0, netout: 0 } },
    ballooninfo: { actual: bytes, max_mem: bytes, last_update: 0 },
    balloon: bytes,
    'running-machine': runningMachine(machine.config, world.version),
    'running-qemu': qemuVersion(world),
  }
}
