// Starts and stops machines: the power state, and what happens to pending changes.

import { existsSync } from 'node:fs'
import type { Call } from '../api/call.ts'
import { failure } from '../errors.ts'
import type { PowerAction } from '../state/boot.ts'
import type { CloudInitDocuments } from '../state/cloud-init-documents.ts'
import { driveKeys, parseDrive } from '../state/drives.ts'
import type { Machine, Power } from '../state/machines.ts'
import { textOf } from '../state/vm-config.ts'
import { resolveVolume } from '../storage/volume.ts'
import { pause } from '../tasks/pause.ts'
import type { TaskContext } from '../tasks/tasks.ts'
import type { World } from '../world.ts'
import { applyPending } from './change/apply-pending.ts'
import { generateDrive } from './cloud-init/generate.ts'
import { checkMappedDevices } from './devices/mapped-devices.ts'
import { withGuestLock } from './guest-locks.ts'
import { endBoot, startBoot } from './inside/boots.ts'
import { checkHotpluggableMemory } from './options/memory.ts'
import { checkClipboard } from './options/vga.ts'
import { qemuVersion } from './qemu-version.ts'
import { removeState } from './saved-state.ts'

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
    const isSuspended = machine.config.values.get('lock') === 'suspended'
    if (!isSuspended) checkUnlocked(machine)
    if (machine.power !== undefined) throw failure(`VM ${vmid} already running`)
    const state = textOf(machine.config, 'vmstate')
    const isResumed = isSuspended || state !== undefined
    if (!isResumed) await applyPending(call, task, machine)
    const documents = await generateDrive(world, { node, machine, task })
    world.machines.save(machine)
    if (isResumed) task.log('Resuming suspended VM')
    checkStartable(call, task, machine)
    if (state !== undefined) task.log(`activating and using '${state}' as vmstate`)
    await pause(world, task, world.latency.startMs)
    powerOn(world, machine, documents)
    if (!isResumed) return
    await removeState(call, task, machine)
    world.machines.save(machine)
  })
}

/** Starts a machine from the memory of a snapshot, which keeps it. The caller holds the machine's lock. */
export async function startFromState(
  call: Call,
  task: TaskContext,
  { machine, state }: { machine: Machine; state: string },
): Promise<void> {
  const { world, node } = call
  const documents = await generateDrive(world, { node, machine, task })
  checkStartable(call, task, machine)
  task.log(`activating and using '${state}' as vmstate`)
  await pause(world, task, world.latency.startMs)
  powerOn(world, machine, documents)
}

function checkStartable(call: Call, task: TaskContext, machine: Machine): void {
  checkVolumes(call, machine)
  checkCores(call, machine)
  checkMachineType(call, machine)
  checkMappedDevices(call.world, call.node, machine.config)
  checkHotpluggableMemory(machine.config)
  checkClipboard(textOf(machine.config, 'vga'))
  if (textOf(machine.config, 'bios') === 'ovmf' && !machine.config.values.has('efidisk0')) {
    task.warn('no efidisk configured! Using temporary efivars disk.')
  }
}

function checkVolumes(call: Call, machine: Machine): void {
  for (const key of driveKeys) {
    const text = textOf(machine.config, key)
    if (text !== undefined) requireVolume(call, parseDrive(text).file)
  }
}

/** Throws if the machine has more cores than the node (qemu-server `config_to_command`). */
function checkCores({ world, node }: Call, { config }: Machine): void {
  const count = (key: string) => Number(config.values.get(key) ?? 1)
  const most = world.nodes.get(node)?.cores ?? 0
  if (count('sockets') * count('cores') > most) throw failure(`MAX ${most} vcpus allowed per VM on this node`)
}

/** Throws if the machine, or the type that the call wants for this start, needs a newer QEMU than the installed one. */
function checkMachineType({ world, node, ...call }: Call, machine: Machine): void {
  const configured = call.optional('machine') ?? textOf(machine.config, 'machine') ?? ''
  const type = configured.replace(/^type=/, '').split(',')[0] ?? ''
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

function requireVolume({ world, node }: Call, volid: string): void {
  if (!volid.includes(':')) return
  const volume = resolveVolume(world.storage.storages, volid, { root: world.root, node })
  if (!existsSync(volume.realPath)) throw failure(`volume '${volid}' does not exist`)
}

export function powerOn(world: World, machine: Machine, cloudInit?: CloudInitDocuments): void {
  nextPid += 7
  const started = Object.fromEntries(machine.config.values)
  const power: Power = { pid: nextPid, startedAt: world.clock.now(), paused: false, started, cloudInit }
  machine.power = power
  world.machines.savePower(machine)
  startBoot(world, machine, actOnPower)
}

/** A guest's action on its own power. Proxmox only notices that it is gone, or nothing at all. */
export function actOnPower(world: World, machine: Machine, action: PowerAction): void {
  if (action === 'poweroff') powerOff(world, machine)
  else startBoot(world, machine, actOnPower)
}

/** Like `actOnPower`, after the time that a guest needs to shut down. */
export function actLater(world: World, machine: Machine, action: PowerAction): void {
  const { power } = machine
  void world.clock.sleep(world.latency.shutdownMs).then(() => {
    if (machine.power === power && power !== undefined) actOnPower(world, machine, action)
  })
}

/** Boots again without a stop, as after a reset. Pending changes are not applied. */
export function bootAgain(world: World, machine: Machine): void {
  if (machine.power !== undefined) startBoot(world, machine, actOnPower)
}

/** The guest is gone. Pending changes stay until the machine is started, or until Proxmox stops it. */
export function powerOff(world: World, machine: Machine): void {
  endBoot(world, machine)
  delete machine.power
  world.machines.savePower(machine)
}

/**
 * Stops the guest as Proxmox does, which then applies pending changes (qemu-server `QemuServer.pm:vm_stop_cleanup`).
 */
export async function stopGuest(call: Call, task: TaskContext, machine: Machine): Promise<void> {
  powerOff(call.world, machine)
  await applyPending(call, task, machine)
}
