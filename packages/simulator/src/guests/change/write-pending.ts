// The first half of an update: stores all changes as pending, key by key (qemu-server `Qemu.pm:update_vm_api`).
import type { Call } from '../../api/call.ts'
import { isCdrom, isCloudInit, isDriveKey, isUnusedKey, parseDrive } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { readDrive } from '../drives/drive-string.ts'
import { makeDrive } from '../drives/drives.ts'
import { deallocate, registerUnused } from '../drives/free-volume.ts'
import { machineAfter } from '../options/machine-type.ts'
import { normalizeOption } from '../options/options.ts'
import { windowsVersion } from '../options/os-type.ts'
import { encryptPassword, isEncrypted } from '../options/password.ts'
import { storedValue } from '../options/stored-value.ts'
import { storedTags } from '../options/tags.ts'
import { checkClipboard } from '../options/vga.ts'
import { readBack } from '../options/wide-characters.ts'
import { stateOptions } from '../saved-state.ts'
import { bootOrder, checkOrder, orderOf, printOrder } from './boot-order.ts'
import { checkRemoval, checkSetting } from './check-change.ts'
import type { Change } from './read-change.ts'

export interface Updating {
  readonly call: Call
  readonly task: TaskContext
  readonly machine: Machine
  readonly change: Change
  /** Keys that this call changes. Only these are applied to a running machine. */
  readonly modified: Set<string>
  /** The boot order of the configuration, with the devices that this call added and removed. */
  order: readonly string[]
}

/** Stores the changes. @returns the keys to apply now */
export async function writePending(
  call: Call,
  task: TaskContext,
  { machine, change }: { machine: Machine; change: Change },
): Promise<ReadonlySet<string>> {
  const order = bootOrder(machine.config)
  const updating: Updating = { call, task, machine, change: withReverts(machine, change), modified: new Set(), order }
  // Each key is checked when its turn comes. What was written before an error stays.
  for (const key of updating.change.remove) {
    checkRemoval(call, machine, key)
    await writeDeletion(updating, key)
  }
  const pinned = machineAfter(change, machine.config, call.world.version)
  for (const [key, value] of updating.change.set) {
    checkSetting(call, machine, { key, value })
    await writeValue(updating, key, value)
  }
  if (pinned !== undefined) await writeValue(updating, 'machine', pinned)
  return updating.modified
}

/** Setting a key back to its current value reverts it, or deletes it if it was only pending. */
function withReverts({ config }: Machine, change: Change): Change {
  const set = new Map(change.set)
  const remove = [...change.remove]
  for (const key of change.revert) {
    const current = textOf(config, key)
    if (current !== undefined) set.set(key, current)
    else if (config.pending.has(key)) remove.push(key)
  }
  return { ...change, set, remove }
}

async function writeDeletion(updating: Updating, key: string): Promise<void> {
  const { task, machine, modified, change } = updating
  const { config } = machine
  const pending = config.pending.get(key)
  const value = key === 'description' ? config.description : (textOf(config, key) ?? pending)
  if (value === undefined) {
    task.log(`cannot delete '${key}' - not set in current configuration!`)
    return
  }
  modified.add(key)
  config.pending.delete(key)
  dropFromBootOrder(updating, key)
  if (key === 'vmstate') await deleteState(updating, String(value))
  else if (isUnusedKey(key)) await deleteUnused(updating, key, String(value))
  else if (key === 'tags') config.values.delete(key)
  else if (key === 'description') delete config.description
  else {
    if (isDriveKey(key) && pending !== undefined) await dropPendingDrive(updating, String(value))
    config.pendingDelete.set(key, change.force)
  }
}

function dropFromBootOrder(updating: Updating, key: string): void {
  if (!updating.order.includes(key)) return
  updating.order = updating.order.filter((device) => device !== key)
  setBootOrder(updating)
}

function setBootOrder({ machine, modified, order }: Updating): void {
  machine.config.pending.set('boot', printOrder(order))
  modified.add('boot')
}

async function deleteUnused({ call, task, machine }: Updating, key: string, value: string): Promise<void> {
  await deallocate(call, task, { machine, key, drive: parseDrive(value) })
  machine.config.values.delete(key)
}

/** Frees the saved state, and removes what describes it. */
async function deleteState({ call, task, machine }: Updating, volid: string): Promise<void> {
  const { values } = machine.config
  await deallocate(call, task, { machine, key: 'vmstate', drive: parseDrive(volid) })
  for (const key of ['vmstate', ...stateOptions]) values.delete(key)
  if (values.get('lock') === 'suspended') values.delete('lock')
}

async function writeValue(updating: Updating, key: string, value: string): Promise<void> {
  const { machine, modified } = updating
  const { config } = machine
  modified.add(key)
  // A value that is already pending is not checked again, not even its size.
  if (config.pending.get(key) === value) return
  if (key === 'description') writeDescription(machine, value)
  else if (key === 'cipassword') config.values.set(key, storedPassword(machine, value))
  else if (isDriveKey(key)) await writeDrive(updating, key, readBack(value))
  else writeOption(updating, key, readBack(value))
  config.pendingDelete.delete(key)
}

function dropPendingDrive({ call, task, machine }: Updating, text: string): Promise<void> {
  return registerUnused(call, task, { machine, drive: parseDrive(text) })
}

function writeDescription({ config }: Machine, value: string): void {
  if (value === '') delete config.description
  else config.description = value.replace(/\s+$/, '')
}

/** A password is never pending, and is not recorded as a change of the cloud-init drive. */
function storedPassword({ config }: Machine, value: string): string {
  return windowsVersion(textOf(config, 'ostype')) > 0 || isEncrypted(value) ? value : encryptPassword(value)
}

function writeOption(updating: Updating, key: string, value: string): void {
  const { config } = updating.machine
  if (key === 'boot') {
    writeBoot(updating, value)
    return
  }
  const { world } = updating.call
  if (key === 'vga') checkClipboard(value)
  const text = normalizeOption(world, key, value)
  config.pending.set(key, key === 'tags' ? storedTags(world, text) || ' ' : storedValue(key, text, world.version))
}

function writeBoot({ machine, change }: Updating, value: string): void {
  const { config } = machine
  const devices = orderOf(value)
  if (devices.length === 0) {
    config.pending.set('boot', value)
    return
  }
  const isThere = (device: string): boolean =>
    (config.values.has(device) || config.pending.has(device) || change.set.has(device)) &&
    !change.remove.includes(device)
  checkOrder(value, { isThere })
  config.pending.set('boot', printOrder(devices))
  if (config.values.has('bootdisk')) config.pendingDelete.set('bootdisk', false)
}

async function writeDrive(updating: Updating, key: string, value: string): Promise<void> {
  const { call, task, machine } = updating
  const { config } = machine
  const waiting = config.pending.get(key)
  if (waiting !== undefined) await dropPendingDrive(updating, String(waiting))
  // `none` made it a CD-ROM, which a virtio drive cannot be. Then nothing is created, without an error.
  if (readDrive(key, value, call.world.version) === undefined) return
  const others = [config.values, config.pending]
  const isTemplate = config.values.get('template') === 1
  const { text } = await makeDrive(call, task, { key, value, vmid: machine.vmid, others, isTemplate })
  config.pending.set(key, text)
  const drive = parseDrive(value)
  const isNewCdrom = isCdrom(drive) && !isCloudInit(parseDrive(text)) && !updating.order.includes(key)
  if (updating.order.length === 0 || !isNewCdrom) return
  updating.order = [...updating.order, key]
  setBootOrder(updating)
}
