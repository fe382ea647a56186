// What lists and `status/current` show of a machine.
import { isCdrom, parseDrive, parseSize } from '../state/drives.ts'
import type { Machine } from '../state/machines.ts'
import { type ConfigValue, textOf } from '../state/vm-config.ts'
import type { World } from '../world.ts'
import { bootDisks } from './change/boot-order.ts'

const mebibyte = 1024 * 1024

export function guestName(machine: Machine): string {
  return textOf(machine.config, 'name') ?? `VM ${machine.vmid}`
}

export function memoryBytes(machine: Machine): number {
  const text = String(machine.power?.started.memory ?? textOf(machine.config, 'memory') ?? '512')
  return Number(text.replace(/^current=/, '').split(',')[0]) * mebibyte
}

export function cpuCount(machine: Machine): number {
  const value = (key: string): ConfigValue | undefined => machine.power?.started[key] ?? machine.config.values.get(key)
  return Number(value('vcpus') ?? Number(value('sockets') ?? 1) * Number(value('cores') ?? 1))
}

/** The size of the boot disk (`maxdisk`). Zero if the boot order names none (qemu-server `bootdisk_size`). */
export function bootDiskBytes(machine: Machine): number {
  for (const key of bootDisks(machine.config)) {
    const text = textOf(machine.config, key)
    const drive = text === undefined ? undefined : parseDrive(text)
    if (drive !== undefined && !isCdrom(drive)) return parseSize(drive.options.get('size') ?? '0') ?? 0
  }
  return 0
}

export function uptimeSeconds(world: World, machine: Machine): number {
  return machine.power === undefined ? 0 : Math.floor((world.clock.now() - machine.power.startedAt) / 1000)
}

/** Since 9: how long a machine's processes waited, in percent of ten seconds. */
const pressures = Object.fromEntries(
  ['cpu', 'io', 'memory'].flatMap((what) => [`pressure${what}some`, `pressure${what}full`].map((name) => [name, 0])),
)

/** A row of `/nodes/{node}/qemu`. */
export function guestRow(world: World, machine: Machine): Record<string, unknown> {
  const isRunning = machine.power !== undefined
  const values = machine.config.values
  const balloon = Number(values.get('balloon') ?? 0)
  const mem = isRunning ? Math.floor(memoryBytes(machine) / 8) : 0
  return {
    vmid: machine.vmid,
    name: guestName(machine),
    status: isRunning ? 'running' : 'stopped',
    cpu: 0,
    cpus: cpuCount(machine),
    mem,
    ...(world.version !== '8.4' && { memhost: mem, ...(isRunning && pressures) }),
    maxmem: memoryBytes(machine),
    ...(balloon > 0 && { balloon_min: balloon * mebibyte, shares: Number(values.get('shares') ?? 1000) }),
    disk: 0,
    maxdisk: bootDiskBytes(machine),
    netin: 0,
    netout: 0,
    uptime: uptimeSeconds(world, machine),
    ...(isRunning && { diskread: 0, diskwrite: 0, pid: machine.power?.pid }),
    ...([...values.keys()].some((key) => /^serial\d$/.test(key)) && { serial: 1 }),
    ...(values.has('tags') && { tags: values.get('tags') }),
    ...(values.has('lock') && { lock: values.get('lock') }),
    ...(values.get('template') === 1 && { template: 1 }),
  }
}

export function qmpStatus(machine: Machine): string {
  return machine.power === undefined ? 'stopped' : machine.power.paused ? 'paused' : 'running'
}
