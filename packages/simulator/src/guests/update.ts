// Changing a machine's options: what is put, deleted or reverted, at once or pending the next start.

import { type Call, listOf } from '../api/call.ts'
import { badParameters, failure } from '../errors.ts'
import { isCdrom, isCloudInit, isDriveKey, isUnusedKey, parseDrive } from '../state/drives.ts'
import type { Machine } from '../state/machines.ts'
import { textOf, typedValue, type VmConfig } from '../state/vm-config.ts'
import { freeImage } from '../storage/images.ts'
import { resolveVolume } from '../storage/volume.ts'
import type { TaskContext } from '../tasks/tasks.ts'
import { checkDrive, makeDrive } from './drives.ts'
import { checkBridge, checkOption } from './option-privileges.ts'
import { guestOptions, normalizeOption } from './options.ts'
import { readBack } from './wide-characters.ts'

export interface Change {
  readonly set: ReadonlyMap<string, string>
  readonly remove: readonly string[]
  readonly revert: readonly string[]
  readonly force: boolean
}

const knownOption =
  /^(?:acpi|affinity|agent|amd-sev|arch|args|audio0|autostart|balloon|bios|boot|bootdisk|cdrom|cicustom|cipassword|citype|ciupgrade|ciuser|cores|cpu|cpulimit|cpuunits|description|efidisk0|freeze|hookscript|hostpci\d+|hotplug|hugepages|ide\d|ipconfig\d+|ivshmem|keephugepages|keyboard|kvm|localtime|lock|machine|memory|migrate_downtime|migrate_speed|name|nameserver|net\d+|numa\d*|onboot|ostype|parallel\d|protection|reboot|rng0|sata\d|scsi\d+|scsihw|searchdomain|serial\d|shares|smbios1|smp|sockets|spice_enhancements|sshkeys|startdate|startup|tablet|tags|tdf|template|tpmstate0|unused\d+|usb\d+|vcpus|vga|virtio\d+|vmgenid|vmstatestorage|watchdog)$/

/** Reads the call and throws what is wrong with it before anything is locked. */
export function readChange(call: Call, vmid: number): Change {
  const set = guestOptions(call.parameters)
  set.delete('force')
  const isEmptyKey = ([key, value]: readonly [string, string]): boolean => key === 'sshkeys' && value === ''
  const change: Change = {
    set: new Map([...set].filter((option) => !isEmptyKey(option))),
    remove: listOf(call.optional('delete')),
    revert: listOf(call.optional('revert')),
    force: call.flag('force'),
  }
  // An empty `sshkeys` is an option, though one that changes nothing.
  if (set.size + change.remove.length + change.revert.length === 0) throw failure('no options specified')
  for (const key of change.remove) {
    if (change.set.has(key))
      throw badParameters({ delete: `you can't use '-${key}' and -delete ${key}' at the same time` })
    if (!knownOption.test(key)) throw badParameters({ delete: `unknown option '${key}'` })
    const before = textBefore(call, vmid, key)
    checkOption(call, { vmid, key, ...(before !== undefined && { before }), creating: false })
    if (/^net\d+$/.test(key) && before !== undefined) checkBridge(call, before)
  }
  for (const [key, value] of change.set) {
    const before = textBefore(call, vmid, key)
    checkOption(call, { vmid, key, value, ...(before !== undefined && { before }), creating: false })
    if (/^net\d+$/.test(key)) for (const card of [before ?? '', value]) checkBridge(call, card)
    if (isDriveKey(key)) checkDrive(call, { key, value, vmid })
  }
  return change
}

function textBefore(call: Call, vmid: number, key: string): string | undefined {
  const config = call.world.machines.find(vmid)?.config
  return config && textOf(config, key)
}

/** As the task log shows it: `update VM 100: -memory 320`. */
export function updateLine(call: Call, vmid: number, change: Change): string {
  const shown = [...change.set].map(([key, value]) => `-${key} ${key === 'cipassword' ? '<hidden>' : value}`)
  if (change.remove.length > 0) shown.push(`-delete ${call.optional('delete')}`)
  if (change.revert.length > 0) shown.push(`-revert ${call.optional('revert')}`)
  return `update VM ${vmid}: ${shown.join(' ')}`
}

const neverPending =
  /^(?:name|onboot|shares|startup|description|protection|tags|hookscript|vmstatestorage|boot|unused\d+|net\d+|ipconfig\d+|ci\w+|sshkeys|nameserver|searchdomain|lock)$/

function waitsForStart(machine: Machine, key: string): boolean {
  if (machine.power === undefined || neverPending.test(key)) return false
  return !isDriveKey(key) || /^(?:efidisk0|tpmstate0)$/.test(key)
}

export async function applyChange(
  call: Call,
  task: TaskContext,
  { machine, change }: { machine: Machine; change: Change },
): Promise<void> {
  const { config } = machine
  call.world.machines.requireWritable(machine)
  checkBalloon(config, change.set)
  for (const key of change.revert) {
    config.pending.delete(key)
    config.pendingDelete.delete(key)
  }
  for (const key of change.remove) await removeOption(call, { machine, key, force: change.force })
  for (const [key, value] of change.set) await setOption(call, task, { machine, key, value })
  call.world.machines.save(machine)
}

/** Held against what is set, pending or there, in that order; a deletion in the same call counts for nothing. */
function checkBalloon(config: VmConfig, set: Change['set']): void {
  if (!set.get('memory') && !set.has('balloon')) return
  const now = (key: string) => set.get(key) ?? config.pending.get(key) ?? config.values.get(key)
  const memory = Number(String(now('memory') ?? 512).replace(/^current=/, ''))
  if (Number(now('balloon') ?? 0) > memory)
    throw failure('balloon value too large (must be smaller than assigned memory)')
}

async function removeOption(
  call: Call,
  { machine, key, force }: { machine: Machine; key: string; force: boolean },
): Promise<void> {
  const { config } = machine
  config.pending.delete(key)
  if (key === 'description') delete config.description
  const text = textOf(config, key)
  if (text === undefined) return
  if (waitsForStart(machine, key)) {
    config.pendingDelete.add(key)
    return
  }
  config.values.delete(key)
  if (isUnusedKey(key)) await freeDrive(call, text)
  if (isDriveKey(key)) {
    forgetInBootOrder(machine, key)
    await detach(call, { machine, text, force })
  }
}

async function detach(
  call: Call,
  { machine, text, force }: { machine: Machine; text: string; force: boolean },
): Promise<void> {
  const drive = parseDrive(text)
  if (isCloudInit(drive)) return freeDrive(call, drive.file)
  if (isCdrom(drive) || drive.file === 'none') return
  if (force) return freeDrive(call, drive.file)
  let number = 0
  while (machine.config.values.has(`unused${number}`)) number += 1
  machine.config.values.set(`unused${number}`, drive.file)
}

async function freeDrive(call: Call, volid: string): Promise<void> {
  const volume = resolveVolume(call.world.storage.storages, volid, { root: call.world.root, node: call.node })
  call.needs(`/storage/${volume.storage.id}`, 'Datastore.AllocateSpace')
  await freeImage(volume)
}

function forgetInBootOrder(machine: Machine, key: string): void {
  const boot = textOf(machine.config, 'boot') ?? ''
  const order = /^order=(.*)$/.exec(boot)?.[1]?.split(';')
  if (order === undefined || !order.includes(key)) return
  const rest = order.filter((device) => device !== key)
  machine.config.values.set('boot', rest.length === 0 ? ' ' : `order=${rest.join(';')}`)
}

async function setOption(
  call: Call,
  task: TaskContext,
  { machine, key, value }: { machine: Machine; key: string; value: string },
): Promise<void> {
  const { config } = machine
  config.pendingDelete.delete(key)
  if (key === 'description') {
    if (value === '') delete config.description
    else config.description = value.replace(/\n+$/, '')
    return
  }
  if (isDriveKey(key)) return setDrive(call, task, { machine, key, value: readBack(value) })
  const before = textOf(config, key)
  const stored = normalizeOption(key, readBack(value), {
    tagsNormalized: true,
    ...(before !== undefined && { before }),
  })
  if (waitsForStart(machine, key) && before !== String(stored)) config.pending.set(key, stored)
  else {
    config.pending.delete(key)
    config.values.set(key, stored)
  }
}

async function setDrive(
  call: Call,
  task: TaskContext,
  { machine, key, value }: { machine: Machine; key: string; value: string },
): Promise<void> {
  const { config, power } = machine
  // What is pending already is not looked at again, not even for its size (qemu-server `update_vm_api`).
  if (config.pending.get(key) === value) return
  const before = textOf(config, key)
  const { text } = await makeDrive(call, task, { key, value, vmid: machine.vmid })
  if (before !== undefined && parseDrive(before).file !== parseDrive(text).file) {
    if (!isLeftBehind(machine, before, text)) await detach(call, { machine, text: before, force: false })
  } else if (before !== undefined && power !== undefined && !isHotPluggable(before, text)) {
    config.pending.set(key, text)
    return
  }
  config.pending.delete(key)
  config.values.set(key, typedValue(key, text))
  if (isCdrom(parseDrive(text))) addToBootOrder(machine, key)
}

/** Another CD in a running machine leaves the volume of its cloud-init drive, which only an empty one frees. */
function isLeftBehind({ power }: Machine, before: string, after: string): boolean {
  return power !== undefined && isCloudInit(parseDrive(before)) && parseDrive(after).file !== 'none'
}

/** Whether a running machine takes over the options of a drive (qemu-server `vmconfig_update_disk`). */
function isHotPluggable(before: string, after: string): boolean {
  const [is, wanted] = [parseDrive(before).options, parseDrive(after).options]
  return 'aio cache discard iothread product queues ro ssd vendor'
    .split(' ')
    .every((option) => is.get(option) === wanted.get(option))
}

/** A new CD is made bootable, where there is an order (qemu-server `API2/Qemu.pm`, "append new CD drives to bootorder"). */
function addToBootOrder(machine: Machine, key: string): void {
  const order = /^order=(.*)$/.exec(textOf(machine.config, 'boot') ?? '')?.[1]?.split(';') ?? []
  if (order.length > 0 && !order.includes(key)) machine.config.values.set('boot', `order=${[...order, key].join(';')}`)
}
