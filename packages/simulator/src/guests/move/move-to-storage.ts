// Moves a disk to another storage or format (qemu-server `Qemu.pm:move_vm_disk`).
import type { Call } from '../../api/call.ts'
import { badParameters, failure, sentenceOf } from '../../errors.ts'
import {
  type Drive,
  formatDrive,
  formatSize,
  isCdrom,
  isCloudInit,
  parseDrive,
  withOptions,
} from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { digestOf, textOf } from '../../state/vm-config.ts'
import { turnIntoBase, volumeSize } from '../../storage/images.ts'
import { type StorageConfig, storageRules } from '../../storage/storage-config.ts'
import type { Volume } from '../../storage/volume.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { copyImage } from '../drives/copy-image.ts'
import { ownLimit, requireStorage } from '../drives/drives.ts'
import { emptyCloudInit } from '../drives/empty-cloud-init.ts'
import { addUnused, freeVolume, isInUse, volumeOf } from '../drives/free-volume.ts'
import { withGuestLock } from '../guest-locks.ts'
import { checkUnlocked, isTemplate } from '../power.ts'

interface StorageMove {
  readonly key: string
  readonly drive: Drive
  readonly old: Volume
  readonly storage: StorageConfig
  readonly isSnapshotted: boolean
}

/** Checks before the task and again in it. */
export async function moveToStorage(call: Call): Promise<string> {
  const { world, node } = call
  const vmid = call.integer('vmid')
  call.needs(`/storage/${call.text('storage')}`, 'Datastore.AllocateSpace')
  loadAndCheck(call, world.machines.get(node, vmid))
  return call.task('qmmove', String(vmid), (task) =>
    withGuestLock(world, { node, vmid, task }, async () => {
      const machine = world.machines.get(node, vmid)
      await move(call, task, { machine, wanted: loadAndCheck(call, machine) })
    }),
  )
}

function loadAndCheck(call: Call, machine: Machine): StorageMove {
  const { config } = machine
  const key = call.text('disk')
  checkUnlocked(machine)
  checkDigest(config, call.optional('digest'))
  const text = textOf(config, key)
  if (text === undefined) throw failure(`disk '${key}' does not exist`)
  const drive = parseDrive(text)
  if (isCdrom(drive) && !isCloudInit(drive)) throw failure("you can't move a cdrom")
  const old = volumeOf(call, drive.file)
  const format = call.optional('format')
  if (old.storage.id === call.text('storage') && (format === undefined || format === old.format)) {
    throw failure("you can't move to the same storage with same format")
  }
  const storage = requireStorage(call, call.text('storage'))
  if (!storage.content.has('images')) {
    throw badParameters({ storage: `storage '${storage.id}' does not support vm images` })
  }
  const isSnapshotted = isInUse(machine, key, drive.file)
  if (isSnapshotted && call.flag('delete')) {
    throw failure("you can't move a disk with snapshots and delete the source")
  }
  return { key, drive, old, storage, isSnapshotted }
}

/** Checks the digest. @throws pve-common's error for a file that another user has changed */
export function checkDigest(config: Machine['config'], digest: string | undefined): void {
  if (digest !== undefined && digest !== digestOf(config)) {
    throw failure('detected modified configuration - file changed by other user? Try again.')
  }
}

async function move(
  call: Call,
  task: TaskContext,
  { machine, wanted }: { machine: Machine; wanted: StorageMove },
): Promise<void> {
  const { world, node } = call
  const { key, old, storage, isSnapshotted } = wanted
  const isTold = world.version !== '8.4'
  if (isTold) {
    task.log(`copying volume '${old.volid}' from current storage '${old.storage.id}' to target storage '${storage.id}'`)
  }
  if (isSnapshotted) task.log('moving disk with snapshots, snapshots will not be moved!')
  await copy(call, task, { machine, wanted }).catch((error: unknown) => {
    throw failure(`storage migration failed: ${sentenceOf(error)}`)
  })
  if (!call.flag('delete')) {
    const unused = addUnused(machine, old.volid)
    if (isTold) task.log(`adding source volume '${old.volid}' as '${unused}' to config`)
  }
  world.machines.save(machine)
  if (!call.flag('delete')) return
  if (isTold) task.log(`removing source volume '${old.volid}' after successful copy`)
  await freeVolume(world, { node, task }, old).catch((error: unknown) => task.log(sentenceOf(error)))
  if (key.startsWith('unused')) world.machines.save(machine)
}

async function copy(
  call: Call,
  task: TaskContext,
  { machine, wanted }: { machine: Machine; wanted: StorageMove },
): Promise<void> {
  const { world, node } = call
  const { key, drive, old } = wanted
  const isUnused = key.startsWith('unused')
  const isMirrored = machine.power !== undefined && !isUnused && !isCloudInit(drive)
  if (isMirrored && key === 'tpmstate0') throw failure('cannot move TPM state while VM is running')
  task.log(`create full clone of drive ${key} (${old.volid})`)
  const target = targetOf(call, wanted, machine.vmid)
  const limit = ownLimit(call, 'move')
  const mirror = isMirrored ? { mirrorOf: key } : {}
  const made = isCloudInit(drive)
    ? await emptyCloudInit(world, task, { node, source: old, ...target })
    : await copyImage(world, { node, task, source: old, target, limit, ...mirror })
  if (isMirrored) completeMirror(task, key)
  const place = { root: world.root, node }
  const volume = isTemplate(machine) && !isCdrom(drive) ? await turnIntoBase(world.storage.storages, made, place) : made
  const size = isUnused ? {} : { size: formatSize(await volumeSize(volume)) }
  const moved = withOptions({ file: volume.volid, options: drive.options }, { format: undefined, ...size })
  machine.config.values.set(key, formatDrive(moved))
}

interface Target {
  readonly storage: StorageConfig
  readonly format: string
  readonly vmid: number
}

function targetOf(call: Call, { old, storage }: StorageMove, vmid: number): Target {
  const { formats, defaultFormat } = storageRules[storage.type]
  const wanted = call.optional('format') ?? old.format
  return { storage, vmid, format: formats.includes(wanted) ? wanted : defaultFormat }
}

/** Switches QEMU to the copy. */
function completeMirror(task: TaskContext, key: string): void {
  task.log(`drive-${key}: Completing block job...`)
  task.log(`drive-${key}: Completed successfully.`)
  task.log(`drive-${key}: mirror-job finished`)
}
