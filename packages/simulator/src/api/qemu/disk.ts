// Disks of a machine: resize, detach, and the conversion to a template.
import { existsSync } from 'node:fs'
import { badParameters, failure } from '../../errors.ts'
import { withGuestLock, withStorageLock } from '../../guests/guest-locks.ts'
import { checkUnlocked, isTemplate } from '../../guests/power.ts'
import { driveKeys, formatDrive, formatSize, isCdrom, parseDrive, parseSize, withOptions } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { digestOf, textOf } from '../../state/vm-config.ts'
import { hiddenFormat, shownProblem, turnIntoBase, volumeSize } from '../../storage/images.ts'
import { resizeImage } from '../../storage/qemu-img.ts'
import { storageRules } from '../../storage/storage-config.ts'
import { resolveVolume, type Volume } from '../../storage/volume.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { type Call, type Endpoint, makeCall } from '../call.ts'
import { changeNow } from './config.ts'

export const qemuDiskEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/qemu/{vmid}/resize', method: 'PUT', handle: resize },
  { path: '/nodes/{node}/qemu/{vmid}/unlink', method: 'PUT', handle: unlink },
  { path: '/nodes/{node}/qemu/{vmid}/template', method: 'POST', handle: makeTemplate },
]

async function resize(call: Call): Promise<string> {
  const vmid = call.integer('vmid')
  const disk = call.text('disk')
  const size = call.text('size')
  if (!/^\+?\d+(?:\.\d+)?[KMGT]?$/.test(size)) throw badParameters({ size: 'value does not match the regex pattern' })
  return call.task('resize', String(vmid), (task) =>
    withGuestLock(call.world, { node: call.node, vmid, task }, () => grow(call, task, { vmid, disk, size })),
  )
}

async function grow(
  call: Call,
  task: TaskContext,
  { vmid, disk, size }: { vmid: number; disk: string; size: string },
): Promise<void> {
  const { world, node } = call
  const machine = world.machines.get(node, vmid)
  const digest = call.optional('digest')
  if (digest !== undefined && digest !== digestOf(machine.config)) {
    throw failure('checksum mismatch (file change by other user?)')
  }
  if (!call.flag('skiplock')) checkUnlocked(machine)
  const text = textOf(machine.config, disk)
  if (text === undefined) throw failure(`disk '${disk}' does not exist`)
  const drive = parseDrive(text)
  if (!drive.file.includes(':')) throw failure(`unable to parse volume ID '${drive.file}'`)
  if (isCdrom(drive)) throw failure("you can't resize a cdrom")
  call.needs(`/storage/${drive.file.split(':')[0]}`, 'Datastore.AllocateSpace')
  const volume = resolveVolume(world.storage.storages, drive.file, { root: world.root, node })
  if (!existsSync(volume.realPath)) throw failure(`volume_size_info on '${volume.volid}' failed - no format`)
  const before = await volumeSize(volume)
  const step = parseSize(size.replace(/^\+/, '')) ?? 0
  const bytes = Math.ceil((size.startsWith('+') ? before + step : step) / 1024) * 1024
  if (bytes < before) throw failure('shrinking disks is not supported')
  if (bytes === before) return
  await pause(world, task, world.latency.otherTaskMs)
  const quiet = machine.power === undefined ? task : { ...task, log: () => undefined }
  await world.clock.during(() => growVolume(call, quiet, { volume, bytes }))
  const grown = withOptions(drive, { size: formatSize(await volumeSize(volume)) })
  machine.config.values.set(disk, formatDrive(grown))
  world.machines.save(machine)
}

async function growVolume(call: Call, task: TaskContext, { volume, bytes }: Growth): Promise<void> {
  const format = hiddenFormat(volume)
  const command = resizeCommand(call, volume, bytes)
  if (volume.isBase) {
    // A real base has the immutable flag. Here it is only read-only, which root would not notice.
    const refusal = `Could not open '${volume.shownPath}'`
    task.log(`qemu-img: ${refusal}: ${refusal}: Operation not permitted`)
    throw failure(`command '${command}' failed: exit code 1`)
  }
  try {
    await resizeImage(volume.realPath, { format, bytes })
  } catch (error) {
    task.log(shownProblem(error, [volume]))
    throw failure(`command '${command}' failed: exit code 1`)
  }
  task.log(
    storageRules[volume.storage.type].files
      ? 'Image resized.'
      : `  Logical volume ${volume.name} successfully resized.`,
  )
}

interface Growth {
  readonly volume: Volume
  readonly bytes: number
}

/** Since 9, the command contains the preallocation (pve-storage `preallocation_cmd_opt`). */
function resizeCommand({ world }: Call, { storage, format, shownPath }: Volume, bytes: number): string {
  const wanted = storage.other.get('preallocation') ?? 'metadata'
  const preallocation = format === 'raw' && wanted === 'metadata' ? 'off' : wanted
  const option = world.version === '8.4' ? '' : `'--preallocation=${preallocation}' `
  return `/usr/bin/qemu-img resize ${option}-f ${format} ${shownPath} ${bytes}`
}

/** The same as deleting the keys in a configuration change. */
function unlink(call: Call): Promise<null> {
  const { world, identity, node, parameters } = call
  const { idlist = '', ...rest } = parameters
  return changeNow(makeCall(world, { method: 'PUT', identity, node, values: { ...rest, delete: idlist } }))
}

async function makeTemplate(call: Call): Promise<string> {
  const { world, node } = call
  const vmid = call.integer('vmid')
  const disk = call.optional('disk')
  checkTemplate(world.machines.get(node, vmid), disk)
  return call.task('qmtemplate', String(vmid), (task) =>
    withGuestLock(world, { node, vmid, task }, async () => {
      const machine = world.machines.get(node, vmid)
      checkTemplate(machine, disk)
      await pause(world, task, world.latency.templateMs)
      await convertDisks(call, task, { machine, disk })
      machine.config.values.set('template', 1)
      world.machines.save(machine)
    }),
  )
}

/** One disk of a template may still be made a base. */
function checkTemplate(machine: Machine, disk: string | undefined): void {
  if (machine.config.snapshots.size > 0) throw failure('unable to create template, because VM contains snapshots')
  checkUnlocked(machine)
  if (isTemplate(machine) && disk === undefined) throw failure("you can't convert a template to a template")
  if (machine.power !== undefined) throw failure("you can't convert a VM to template if VM is running")
}

/** The configuration is written after each disk, in case the next one fails. */
async function convertDisks(
  { world, node }: Call,
  task: TaskContext,
  { machine, disk }: { machine: Machine; disk: string | undefined },
): Promise<void> {
  const place = { root: world.root, node }
  for (const key of driveKeys) {
    const text = textOf(machine.config, key)
    if (text === undefined || (disk !== undefined && key !== disk)) continue
    const drive = parseDrive(text)
    if (isCdrom(drive) || !drive.file.includes(':')) continue
    const volume = resolveVolume(world.storage.storages, drive.file, place)
    if (volume.isBase) continue
    const base = await withStorageLock(world, { node, storage: volume.storage, task }, () =>
      turnIntoBase(world.storage.storages, volume, place),
    )
    machine.config.values.set(key, formatDrive({ file: base.volid, options: drive.options }))
    world.machines.save(machine)
  }
}
