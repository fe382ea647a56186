// Drives of a create or update call: checked first, then made. `storage:8`, `storage:0,import-from=…`, `storage:cloudinit`, or a volume.
import { existsSync } from 'node:fs'
import type { Call } from '../api/call.ts'
import { badParameters, failure, sentenceOf } from '../errors.ts'
import { type Drive, formatDrive, formatSize, isCdrom, parseDrive, withOptions } from '../state/drives.ts'
import { allocateImage, volumeSize } from '../storage/images.ts'
import { requireVolumeGroupRoom } from '../storage/space.ts'
import { isOnNode, type StorageConfig, storageRules } from '../storage/storage-config.ts'
import { resolveVolume, type Volume } from '../storage/volume.ts'
import type { TaskContext } from '../tasks/tasks.ts'
import { type CopyRequest, copyImage } from './copy-image.ts'
import { withStorageLock } from './guest-locks.ts'

const newDisk = /^(?:([^/:\s]+):)?(\d+(?:\.\d+)?)$/

interface DriveRequest {
  readonly key: string
  readonly value: string
  readonly vmid: number
  readonly pool?: string
}

export function requireStorage(call: Call, id: string): StorageConfig {
  const storage = call.world.storage.storages.get(id)
  if (storage === undefined) throw failure(`storage '${id}' does not exist`)
  if (storage.disabled) throw failure(`storage '${id}' is disabled`)
  if (!isOnNode(storage, call.node)) throw failure(`storage '${id}' is not available on node '${call.node}'`)
  return storage
}

const place = (call: Call): { root: string; node: string } => ({ root: call.world.root, node: call.node })

/** Permissions and syntax, before anything is made. */
export function checkDrive(call: Call, request: DriveRequest): void {
  const drive = parseDrive(request.value)
  const source = drive.options.get('import-from')
  const wanted = newDisk.exec(drive.file)
  if (source !== undefined && (wanted === null || Number(wanted[2]) !== 0)) {
    throw badParameters({
      [request.key]: "'import-from' requires special syntax - use <storage ID>:0,import-from=<source>",
    })
  }
  if (drive.file === 'none' || drive.file === 'cdrom') return
  if (/^[^/:\s]+:cloudinit$/.test(drive.file)) {
    requireStorage(call, drive.file.split(':')[0] ?? '')
    return
  }
  if (wanted !== null) checkNewDisk(call, request, wanted[1])
  else checkExisting(call, request, drive)
  if (source !== undefined) checkSource(call, request, source)
}

function checkNewDisk(call: Call, { key }: DriveRequest, id: string | undefined): void {
  if (id === undefined) throw badParameters({ [key]: 'no storage ID specified (and no default storage)' })
  const storage = requireStorage(call, id)
  call.needs(`/storage/${id}`, 'Datastore.AllocateSpace')
  if (!storage.content.has('images')) throw badParameters({ storage: `storage '${id}' does not support vm images` })
}

function checkExisting(call: Call, { key, vmid }: DriveRequest, drive: Drive): void {
  if (drive.file.startsWith('/')) {
    needRootForPath(call)
    return
  }
  const volume = resolveVolume(call.world.storage.storages, drive.file, place(call))
  if (volume.kind !== 'images' && volume.kind !== 'iso') {
    throw badParameters({ [key]: "content type needs to be 'images' or 'iso'" })
  }
  if (volume.kind === 'iso')
    call.needsAny(`/storage/${volume.storage.id}`, 'Datastore.Audit', 'Datastore.AllocateSpace')
  else if (volume.vmid !== vmid) call.needs(`/storage/${volume.storage.id}`, 'Datastore.Allocate')
}

function needRootForPath(call: Call): void {
  if (!call.isRoot) {
    throw failure('Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 581.')
  }
}

function checkSource(call: Call, { key, vmid }: DriveRequest, source: string): void {
  if (source.startsWith('/')) {
    needRootForPath(call)
    return
  }
  const volume = resolveVolume(call.world.storage.storages, source, place(call))
  if (volume.kind !== 'images' && volume.kind !== 'import') {
    throw badParameters({ [key]: `${source} has wrong type '${volume.kind}' - needs to be 'images' or 'import'` })
  }
  if (volume.kind === 'images') {
    if (volume.vmid !== vmid) call.needs(`/vms/${volume.vmid}`, 'VM.Clone')
  } else {
    call.needsAny(`/storage/${volume.storage.id}`, 'Datastore.Audit', 'Datastore.AllocateSpace', 'Datastore.Allocate')
  }
}

/** What was made, so that a failure can take it away again. */
export interface MadeDrive {
  readonly text: string
  readonly made?: Volume
}

/** Makes what the drive asks for and gives the property string for the configuration. */
export async function makeDrive(call: Call, task: TaskContext, request: DriveRequest): Promise<MadeDrive> {
  const drive = parseDrive(request.value)
  const source = drive.options.get('import-from')
  if (/^[^/:\s]+:cloudinit$/.test(drive.file)) return makeCloudInit(call, task, { request, drive })
  const wanted = newDisk.exec(drive.file)
  if (wanted === null) return { text: formatDrive(await withExistingSize(call, drive)) }
  const storage = requireStorage(call, wanted[1] ?? '')
  const volume =
    source === undefined
      ? await makeEmpty(call, task, { request, drive, storage, gibibytes: Number(wanted[2]) })
      : await importDisk(call, task, { request, drive, storage, source })
  const bytes = await volumeSize(volume)
  const options = { size: formatSize(bytes), 'import-from': undefined, format: undefined }
  const text = formatDrive(withOptions({ file: volume.volid, options: drive.options }, options))
  task.log(`${request.key}: successfully created disk '${text}'`)
  return { text, made: volume }
}

async function withExistingSize(call: Call, drive: Drive): Promise<Drive> {
  if (drive.file === 'none' || drive.file === 'cdrom' || drive.file.startsWith('/')) return drive
  const volume = resolveVolume(call.world.storage.storages, drive.file, place(call))
  if (!existsSync(volume.realPath)) {
    throw failure(
      isCdrom(drive)
        ? `volume '${volume.volid}' does not exist`
        : `volume_size_info on '${volume.volid}' failed - no format`,
    )
  }
  return withOptions(drive, { size: formatSize(await volumeSize(volume)) })
}

interface MakeRequest {
  readonly request: DriveRequest
  readonly drive: Drive
}

async function makeCloudInit(call: Call, task: TaskContext, { request, drive }: MakeRequest): Promise<MadeDrive> {
  const storage = requireStorage(call, drive.file.split(':')[0] ?? '')
  const isFile = storageRules[storage.type].files
  const format = isFile ? (drive.options.get('format') ?? 'qcow2') : 'raw'
  const name = `vm-${request.vmid}-cloudinit${isFile ? `.${format}` : ''}`
  const image = { vmid: request.vmid, format, name, bytes: 4 * 1024 * 1024, log: task.log }
  const volume = await withStorageLock(call.world, { node: call.node, storage, task }, () =>
    allocateImage(call.world.storage.storages, storage, { image, place: place(call) }),
  )
  const text = formatDrive(
    withOptions({ file: volume.volid, options: drive.options }, { media: 'cdrom', format: undefined }),
  )
  task.log(`${request.key}: successfully created disk '${text}'`)
  return { text, made: volume }
}

async function makeEmpty(
  call: Call,
  task: TaskContext,
  { request, drive, storage, gibibytes }: MakeRequest & { storage: StorageConfig; gibibytes: number },
): Promise<Volume> {
  const format = drive.options.get('format') ?? storageRules[storage.type].defaultFormat
  const bytes =
    request.key === 'efidisk0'
      ? 528 * 1024
      : request.key === 'tpmstate0'
        ? 4 * 1024 ** 2
        : Math.floor(gibibytes * 1024 ** 2) * 1024
  const image = { vmid: request.vmid, format, bytes, log: task.log }
  return withStorageLock(call.world, { node: call.node, storage, task }, () => {
    requireVolumeGroupRoom(call.world, { storage, node: call.node }, bytes)
    return allocateImage(call.world.storage.storages, storage, { image, place: place(call) })
  })
}

async function importDisk(
  call: Call,
  task: TaskContext,
  { request, drive, storage, source }: MakeRequest & { storage: StorageConfig; source: string },
): Promise<Volume> {
  const volume = sourceVolume(call, source)
  if (!existsSync(volume.realPath)) throw failure(`failed to stat '${volume.shownPath}'`)
  const rules = storageRules[storage.type]
  // Of a path the format is not known when the disk is made: it gets the storage's own.
  const isPath = source.startsWith('/')
  const wanted = drive.options.get('format') ?? (isPath ? rules.defaultFormat : volume.format)
  const format = rules.formats.includes(wanted) ? wanted : rules.defaultFormat
  if (!isPath) task.log(`create full clone of drive (${source})`)
  try {
    return await copyImage(call.world, {
      node: call.node,
      task,
      source: volume,
      limit: ownLimit(call, 'clone'),
      target: { storage, format, vmid: request.vmid },
    })
  } catch (error) {
    throw failure(`cannot import from '${source}' - ${sentenceOf(error)}`)
  }
}

/** The call's own `bwlimit`, in KiB/s. */
export function ownLimit(call: Call, operation: 'clone' | 'move'): NonNullable<CopyRequest['limit']> {
  const own = call.optional('bwlimit')
  return { operation, ...(own !== undefined && { override: Number(own) }) }
}

function sourceVolume(call: Call, source: string): Volume {
  if (!source.startsWith('/')) return resolveVolume(call.world.storage.storages, source, place(call))
  const local = [...call.world.storage.storages.values()].find((storage) => storageRules[storage.type].files)
  if (local === undefined) throw failure(`failed to stat '${source}'`)
  const format = /\.(qcow2|vmdk)$/.exec(source)?.[1] ?? 'raw'
  const common = { volid: source, storage: local, kind: 'import' as const, name: source, isBase: false, format }
  return { ...common, shownPath: source, realPath: `${call.world.root}/nodes/${call.node}${source}` }
}
