// Moves a disk to another machine on its node: a rename on its storage (qemu-server `Qemu.pm:move_vm_disk`).
import type { Call } from '../../api/call.ts'
import { badParameters, failure, sentenceOf } from '../../errors.ts'
import { type Drive, formatDrive, isCdrom, isCloudInit, isUnusedKey, parseDrive } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import { renameImage } from '../../storage/images.ts'
import { storageRules } from '../../storage/storage-config.ts'
import type { Volume } from '../../storage/volume.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { applyChange } from '../change/apply-change.ts'
import { bootOrder, printOrder } from '../change/boot-order.ts'
import { isInUse, volumeOf } from '../drives/free-volume.ts'
import { withGuestLock, withStorageLock } from '../guest-locks.ts'
import { checkUnlocked, isTemplate } from '../power.ts'
import { checkDigest } from './move-to-storage.ts'

interface Names {
  readonly vmid: number
  readonly key: string
  readonly targetId: number
  readonly targetKey: string
}

interface Reassignment {
  readonly source: Machine
  readonly target: Machine
  readonly drive: Drive
  readonly volume: Volume
}

function namesOf(call: Call): Names {
  const key = call.text('disk')
  return {
    vmid: call.integer('vmid'),
    key,
    targetId: call.integer('target-vmid'),
    targetKey: call.optional('target-disk') ?? key,
  }
}

export async function reassignDisk(call: Call): Promise<string> {
  const { world, node } = call
  const names = namesOf(call)
  const { vmid, key, targetId, targetKey } = names
  call.needs(`/vms/${targetId}`, 'VM.Config.Disk')
  if (vmid === targetId) throw badParameters({ 'target-vmid': 'must be different than source VMID to reassign disk' })
  const { volume } = loadAndCheck(call, names)
  call.needs(`/storage/${volume.storage.id}`, 'Datastore.AllocateSpace')
  return call.task('qmmove', `${vmid}-${key}>${targetId}-${targetKey}`, (task) =>
    withGuestLock(world, { node, vmid, task }, () =>
      withGuestLock(world, { node, vmid: targetId, task }, () => reassign(call, task, names)),
    ),
  )
}

function loadAndCheck(call: Call, names: Names): Reassignment {
  const { vmid, key, targetId, targetKey } = names
  const { source, target } = bothMachines(call, names)
  const text = textOf(source.config, key)
  if (text === undefined) throw failure(`Disk '${key}' for VM '${vmid}' does not exist`)
  if (target.config.values.has(targetKey)) {
    throw failure(`Target disk key '${targetKey}' is already in use for VM '${targetId}'`)
  }
  const drive = parseDrive(text)
  if (isCdrom(drive) && !isCloudInit(drive)) throw failure("CD drive contents can't be moved to another VM")
  if (!/^[^/:]+:/.test(drive.file)) throw failure(`Volume '${drive.file}' not managed by PVE`)
  if (isInUse(source, key, drive.file)) throw failure("Can't move disk used by a snapshot to another VM")
  const volume = volumeOf(call, drive.file)
  if (!mayRename(volume)) throw failure('Storage does not support moving of this disk to another VM')
  if (source.power !== undefined && !isUnusedKey(key)) {
    throw failure('Cannot move disk to another VM while the source VM is running - detach first')
  }
  return { source, target, drive: isUnusedKey(targetKey) ? { file: drive.file, options: new Map() } : drive, volume }
}

/** Thick LVM supports it. A base disk stays with its template. */
function mayRename({ isBase, storage, format }: Volume): boolean {
  return !isBase && (!storageRules[storage.type].files || ['qcow2', 'raw', 'vmdk'].includes(format))
}

function bothMachines(call: Call, { vmid, targetId }: Names): { source: Machine; target: Machine } {
  const { machines } = call.world
  const [source, target] = [machines.find(vmid), machines.find(targetId)]
  if (source === undefined) throw failure(`could not find VM ${vmid}`)
  if (target === undefined) throw failure(`could not find target VM ${targetId}`)
  if (source.node !== target.node) {
    throw failure(`Both VMs need to be on the same node (${source.node} != ${target.node})`)
  }
  for (const machine of [source, target]) checkUnlocked(machine)
  if (isTemplate(source) || isTemplate(target)) throw failure("Can't move disks from or to template VMs")
  checkDigestOf(source, call.optional('digest'))
  checkDigestOf(target, call.optional('target-digest'))
  return { source, target }
}

function checkDigestOf({ config, vmid }: Machine, digest: string | undefined): void {
  try {
    checkDigest(config, digest)
  } catch (error) {
    throw failure(`VM ${vmid}: ${sentenceOf(error)}`)
  }
}

/** The source is written first. After a later failure, no machine refers to the renamed volume. */
async function reassign(call: Call, task: TaskContext, names: Names): Promise<void> {
  const { world, node } = call
  const { vmid, key, targetId, targetKey } = names
  const { source, target, drive, volume } = loadAndCheck(call, names)
  task.log(
    world.version === '8.4'
      ? `moving disk '${key}' from VM '${vmid}' to '${targetId}'`
      : `reassign disk '${key}' from VM '${vmid}' as '${targetKey}' to VM '${targetId}'`,
  )
  const place = { root: world.root, node }
  const renamed = await withStorageLock(world, { node, storage: volume.storage, task }, () =>
    renameImage(world.storage.storages, volume, { vmid: targetId, place }),
  )
  leave(task, source, key)
  world.machines.save(source)
  const text = formatDrive({ file: renamed.volid, options: drive.options })
  if (isUnusedKey(targetKey)) {
    target.config.values.set(targetKey, text)
    world.machines.save(target)
    return
  }
  task.log(`update VM ${targetId}: -${targetKey} ${text}`)
  const change = { set: new Map([[targetKey, text]]), remove: [], revert: [], force: false }
  await applyChange(call, task, { machine: target, change })
}

function leave(task: TaskContext, { config, vmid }: Machine, key: string): void {
  const order = bootOrder(config)
  if (order.includes(key)) {
    task.log(`removing disk '${key}' from boot order config`)
    config.values.set('boot', printOrder(order.filter((device) => device !== key)))
  }
  config.values.delete(key)
  task.log(`removing disk '${key}' from VM '${vmid}' config`)
}
