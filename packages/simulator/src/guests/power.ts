// Starting and stopping: what a machine's power state is, and what pending changes become when it goes.

import { existsSync } from 'node:fs'
import type { Call } from '../api/call.ts'
import { failure } from '../errors.ts'
import { driveKeys, isCloudInit, parseDrive } from '../state/drives.ts'
import type { Machine, Power } from '../state/machines.ts'
import { textOf } from '../state/vm-config.ts'
import { resolveVolume } from '../storage/volume.ts'
import { pause } from '../tasks/pause.ts'
import type { TaskContext } from '../tasks/tasks.ts'
import type { World } from '../world.ts'
import { withGuestLock } from './guest-locks.ts'
import { qemuVersion } from './qemu-version.ts'

export function isTemplate(machine: Machine): boolean {
  return machine.config.values.get('template') === 1
}

/** Throws `VM is locked (…)`. */
export function checkUnlocked(machine: Machine): void {
  const lock = machine.config.values.get('lock')
  if (lock !== undefined) throw failure(`VM is locked (${lock})`)
}

let nextPid = 4_000

export async function startGuest(call: Call, task: TaskContext, vmid: number): Promise<void> {
  const { world, node } = call
  await withGuestLock(world, { node, vmid, task }, async () => {
    const machine = world.machines.get(node, vmid)
    if (isTemplate(machine)) throw failure("you can't start a vm if it's a template")
    checkUnlocked(machine)
    if (machine.power !== undefined) throw failure(`VM ${vmid} already running`)
    applyPending(machine)
    checkVolumes(call, machine)
    checkMachineType(call, machine)
    if (driveKeys.some((key) => isCloudInitDrive(machine, key))) task.log('generating cloud-init ISO')
    if (textOf(machine.config, 'bios') === 'ovmf' && !machine.config.values.has('efidisk0')) {
      task.warn('no efidisk configured! Using temporary efivars disk.')
    }
    await pause(world, task, world.latency.startMs)
    powerOn(world, machine)
  })
}

function isCloudInitDrive(machine: Machine, key: string): boolean {
  const text = textOf(machine.config, key)
  return text !== undefined && isCloudInit(parseDrive(text))
}

function checkVolumes(call: Call, machine: Machine): void {
  if (driveKeys.some((key) => isCloudInitDrive(machine, key))) checkSnippets(call, machine)
  for (const key of driveKeys) {
    const text = textOf(machine.config, key)
    if (text !== undefined) requireVolume(call, parseDrive(text).file)
  }
}

/** Throws when the machine wants a QEMU newer than the one that is installed. */
function checkMachineType({ world, node }: Call, machine: Machine): void {
  const type = (textOf(machine.config, 'machine') ?? '').replace(/^type=/, '').split(',')[0] ?? ''
  const [, major, minor] = /^pc-(?:i440fx|q35)-(\d+)\.(\d+)/.exec(type) ?? []
  if (major === undefined || minor === undefined) return
  const [installedMajor = 0, installedMinor = 0] = qemuVersion(world).split('.').map(Number)
  const isNewer = Number(major) - installedMajor || Number(minor) - installedMinor
  if (isNewer <= 0) return
  const wanted = type.includes('+pve') ? type : `${type}+pve0`
  throw failure(
    `Installed QEMU version '${qemuVersion(world)}' is too old to run machine type '${wanted}', please upgrade node '${node}'`,
  )
}

/** Throws `volume '…' does not exist` for a custom cloud-init document that is not there. */
export function checkSnippets(call: Call, machine: Machine): void {
  for (const part of (textOf(machine.config, 'cicustom') ?? '').split(','))
    requireVolume(call, part.split('=')[1] ?? '')
}

function requireVolume({ world, node }: Call, volid: string): void {
  if (!volid.includes(':')) return
  const volume = resolveVolume(world.storage.storages, volid, { root: world.root, node })
  if (!existsSync(volume.realPath)) throw failure(`volume '${volid}' does not exist`)
}

export function powerOn(world: World, machine: Machine): void {
  nextPid += 7
  const started = Object.fromEntries(machine.config.values)
  const power: Power = { pid: nextPid, startedAt: world.clock.now(), paused: false, started }
  machine.power = power
  world.machines.savePower(machine)
}

/** What was pending holds from the next start on. */
export function applyPending(machine: Machine): void {
  const { config } = machine
  for (const key of config.pendingDelete) config.values.delete(key)
  for (const [key, value] of config.pending) config.values.set(key, value)
  config.pendingDelete.clear()
  config.pending.clear()
}

export function powerOff(world: World, machine: Machine): void {
  delete machine.power
  applyPending(machine)
  world.machines.save(machine)
  world.machines.savePower(machine)
}
