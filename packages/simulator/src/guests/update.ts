// Changing a machine's options: what is put, deleted or reverted, at once or pending the next start.

import type { Call } from '../api/call.ts'
import { failure } from '../errors.ts'
import { isCdrom, isCloudInit, isDriveKey, isUnusedKey, parseDrive } from '../state/drives.ts'
import type { Machine } from '../state/machines.ts'
import { textOf, typedValue, type VmConfig } from '../state/vm-config.ts'
import { freeImage } from '../storage/images.ts'
import { resolveVolume } from '../storage/volume.ts'
import type { TaskContext } from '../tasks/tasks.ts'
import { checkChange } from './change/check-change.ts'
import type { Change } from './change/read-change.ts'
import { makeDrive } from './drives.ts'
import { machineAfter } from './machine-type.ts'
import { normalizeOption } from './options.ts'
import { storedValue } from './stored-value.ts'
import { storedTags } from './tags.ts'
import { readBack } from './wide-characters.ts'

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
  checkChange(call, machine, change)
  for (const key of change.revert) {
    config.pending.delete(key)
    config.pendingDelete.delete(key)
  }
  for (const key of change.remove) await removeOption(call, { machine, key, force: change.force })
  const pinned = machineAfter(change, config, call.world.version)
  for (const [key, value] of change.set) await setOption(call, task, { machine, key, value })
  if (pinned !== undefined) await setOption(call, task, { machine, key: 'machine', value: pinned })
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
  const text = normalizeOption(key, readBack(value))
  const stored = key === 'tags' ? storedTags(call.world, text) || ' ' : storedValue(key, text, call.world.version)
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
  const { text } = await makeDrive(call, task, {
    key,
    value,
    vmid: machine.vmid,
    others: [config.values, config.pending],
  })
  if (before !== undefined && parseDrive(before).file !== parseDrive(text).file) {
    if (!isLeftBehind(machine, before, text)) await detach(call, { machine, text: before, force: false })
  } else if (before !== undefined && power !== undefined && !isHotPluggable(before, text)) {
    config.pending.set(key, text)
    return
  }
  config.pending.delete(key)
  config.values.set(key, typedValue(key, text))
  const drive = parseDrive(text)
  if (isCdrom(drive) && !isCloudInit(drive)) addToBootOrder(machine, key)
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
