// The machines of the cluster: one configuration file each, kept in memory and written through.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { failure } from '../errors.ts'
import type { CloudInitDocuments } from './cloud-init-documents.ts'
import { writeWhole } from './files.ts'
import {
  type ConfigValue,
  formatVmConfig,
  newVmConfig,
  parseVmConfig,
  tidyVmConfig,
  type VmConfig,
} from './vm-config.ts'

/** Power state, stored on disk so that machines are still running after the simulator restarts. */
export interface Power {
  readonly pid: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
  paused: boolean
  /** The values at the start of the machine, for keys with later pending changes. */
  readonly started: Readonly<Record<string, ConfigValue>>
  /** The content of its cloud-init drive, if it has one. */
  cloudInit?: CloudInitDocuments | undefined
  /**
   * Disks that QEMU has released while the guest still held their controller. They are detached at the next attempt.
   */
  released?: string[]
}

export interface Machine {
  readonly vmid: number
  node: string
  config: VmConfig
  power?: Power
  readonly createdAt: number
  /** Recently saved versions, oldest first, because the status daemon shows older ones. */
  readonly history: readonly Saved[]
}

export interface Saved {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly text: string
}

export interface Machines {
  find(vmid: number): Machine | undefined
  /** Throws `Configuration file '…' does not exist`, also if the machine is on another node. */
  get(node: string, vmid: number): Machine
  all(): readonly Machine[]
  on(node: string): readonly Machine[]
  create(node: string, vmid: number, config?: VmConfig): Machine
  /** Throws the error of a write without quorum. */
  requireWritable(machine: Machine): void
  save(machine: Machine): void
  savePower(machine: Machine): void
  move(machine: Machine, node: string): void
  remove(machine: Machine): void
}

export function openMachines({
  root,
  nodes,
  now,
  isWritable,
}: {
  root: string
  nodes: readonly string[]
  now: () => number
  /** False while the cluster has no quorum. */
  isWritable: () => boolean
}): Machines {
  const machines = new Map<number, Machine>()
  const configFile = (node: string, vmid: number): string =>
    join(root, 'etc/pve/nodes', node, 'qemu-server', `${vmid}.conf`)
  const powerFile = (node: string, vmid: number): string => join(root, 'nodes', node, 'run/qemu-server', `${vmid}.json`)

  for (const node of nodes) {
    const folder = join(root, 'etc/pve/nodes', node, 'qemu-server')
    mkdirSync(folder, { recursive: true })
    for (const name of readdirSync(folder)) {
      const vmid = Number(/^(\d+)\.conf$/.exec(name)?.[1])
      if (!Number.isInteger(vmid)) continue
      const config = parseVmConfig(readFileSync(join(folder, name), 'utf8'))
      const machine: Machine = { vmid, node, config, createdAt: 0, history: [] }
      const power = powerFile(node, vmid)
      if (existsSync(power)) machine.power = JSON.parse(readFileSync(power, 'utf8')) as Power
      machines.set(vmid, machine)
    }
  }

  const requireWritable = ({ node, vmid }: { node: string; vmid: number }): void => {
    if (isWritable()) return
    const file = `/etc/pve/nodes/${node}/qemu-server/${vmid}.conf.tmp.${process.pid}`
    throw failure(`unable to open file '${file}' - Permission denied`)
  }

  const save = (machine: Machine): void => {
    requireWritable(machine)
    tidyVmConfig(machine.config)
    const text = formatVmConfig(machine.config)
    writeWhole(configFile(machine.node, machine.vmid), text)
    Object.assign(machine, { history: remember(machine.history, { at: now(), text }) })
  }

  const savePower = (machine: Machine): void => {
    const file = powerFile(machine.node, machine.vmid)
    if (machine.power === undefined) rmSync(file, { force: true })
    else writeWhole(file, JSON.stringify(machine.power))
  }

  return {
    find: (vmid) => machines.get(vmid),
    get: (node, vmid) => {
      const machine = machines.get(vmid)
      if (machine === undefined || machine.node !== node) {
        throw failure(`Configuration file 'nodes/${node}/qemu-server/${vmid}.conf' does not exist`)
      }
      return machine
    },
    all: () => [...machines.values()],
    on: (node) => [...machines.values()].filter((machine) => machine.node === node),
    requireWritable,
    create: (node, vmid, config = newVmConfig()) => {
      requireWritable({ node, vmid })
      const machine: Machine = { vmid, node, config, createdAt: now(), history: [] }
      machines.set(vmid, machine)
      save(machine)
      return machine
    },
    save,
    savePower,
    move: (machine, node) => {
      const from = configFile(machine.node, machine.vmid)
      rmSync(powerFile(machine.node, machine.vmid), { force: true })
      machine.node = node
      mkdirSync(join(root, 'etc/pve/nodes', node, 'qemu-server'), { recursive: true })
      renameSync(from, configFile(node, machine.vmid))
      savePower(machine)
    },
    remove: (machine) => {
      requireWritable(machine)
      machines.delete(machine.vmid)
      rmSync(configFile(machine.node, machine.vmid), { force: true })
      rmSync(powerFile(machine.node, machine.vmid), { force: true })
    },
  }
}

/** The status daemon updates every ten seconds. No other code needs older versions. */
const rememberedMs = 60_000

function remember(history: readonly Saved[], saved: Saved): readonly Saved[] {
  const old = history.findLastIndex(({ at }) => at < saved.at - rememberedMs)
  return [...history.slice(Math.max(old, 0)), saved]
}
