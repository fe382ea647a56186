// Creates the drives of a create or update call: `storage:8`, `storage:0,import-from=…`, `storage:cloudinit`, or a
// volume.
import { existsSync } from 'node:fs'
import type { Call } from '../../api/call.ts'
import { failure, sentenceOf } from '../../errors.ts'
import {
  type Drive,
  driveKeys,
  formatDrive,
  formatSize,
  isCloudInit,
  parseDrive,
  withOptions,
} from '../../state/drives.ts'
import { type ConfigValue, textOf } from '../../state/vm-config.ts'
import { activateStorage } from '../../storage/activate.ts'
import { allocateImage, turnIntoBase, volumeSize } from '../../storage/images.ts'
import { requireVolumeGroupRoom } from '../../storage/space.ts'
import { isOnNode, type StorageConfig, storageRules } from '../../storage/storage-config.ts'
import { resolveVolume, type Volume } from '../../storage/volume.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { withStorageLock } from '../guest-locks.ts'
import { readableBytes } from '../readable-bytes.ts'
import { type CopyRequest, copyImage } from './copy-image.ts'

/** The size of the firmware's variables. The old type is the default. */
const efiBytes = ({ options }: Drive): number => (options.get('efitype') === '4m' ? 528 : 128) * 1024

/** A new disk: its storage, if it names one, and its size in GiB. */
export const newDisk = /^(?:([^/:\s]+):)?(\d+(?:\.\d+)?)$/

interface DriveRequest {
  /** A new disk of a template becomes a base at once, but not a copy of a volume. */
  readonly isTemplate?: boolean
  readonly key: string
  readonly value: string
  readonly vmid: number
  /** The machine's drives so far. It can have only one cloud-init drive. */
  readonly others: readonly ReadonlyMap<string, ConfigValue>[]
}

export function requireStorage(call: Call, id: string): StorageConfig {
  const storage = call.world.storage.storages.get(id)
  if (storage === undefined) throw failure(`storage '${id}' does not exist`)
  if (storage.disabled) throw failure(`storage '${id}' is disabled`)
  if (!isOnNode(storage, call.node)) throw failure(`storage '${id}' is not available on node '${call.node}'`)
  activateStorage(call.world.storage, storage)
  return storage
}

const place = (call: Call): { root: string; node: string } => ({ root: call.world.root, node: call.node })

/** The result, so that a failure can remove it again. */
export interface MadeDrive {
  readonly text: string
  readonly made?: Volume
}

/** Creates what the drive asks for. Returns the property string for the configuration. */
export async function makeDrive(call: Call, task: TaskContext, request: DriveRequest): Promise<MadeDrive> {
  const drive = parseDrive(request.value)
  const source = drive.options.get('import-from')
  if (/^[^/:\s]+:cloudinit$/.test(drive.file)) return makeCloudInit(call, task, { request, drive })
  const wanted = newDisk.exec(drive.file)
  if (wanted === null) return { text: formatDrive(await existingDrive(call, request, drive)) }
  const storage = requireStorage(call, wanted[1] ?? call.optional('storage') ?? '')
  const made =
    source === undefined
      ? await makeNew(call, task, { request, drive, storage, gibibytes: Number(wanted[2]) })
      : await importDisk(call, task, { request, drive, storage, source })
  const becomesBase = request.isTemplate === true && (source === undefined || source.startsWith('/'))
  const volume = becomesBase ? await turnIntoBase(call.world.storage.storages, made, place(call)) : made
  const bytes = await volumeSize(volume)
  const options = { size: formatSize(bytes), 'import-from': undefined, format: undefined, ...certificate(request) }
  const text = formatDrive(withOptions({ file: volume.volid, options: drive.options }, options))
  task.log(`${request.key}: successfully created disk '${text}'`)
  return { text, made: volume }
}

/** The firmware's keys are those of 2023. Proxmox stores that if they are enrolled (`create_efidisk`). */
function certificate({ key, value }: DriveRequest): Readonly<Record<string, string>> {
  const { options } = parseDrive(value)
  const isEnrolled = options.get('pre-enrolled-keys') === '1' && !options.has('import-from')
  return key === 'efidisk0' && isEnrolled ? { 'ms-cert': '2023k' } : {}
}

async function existingDrive(call: Call, request: DriveRequest, drive: Drive): Promise<Drive> {
  if (drive.file === 'none' || drive.file === 'cdrom') return withOptions(drive, { size: undefined })
  if (drive.file.startsWith('/')) return drive
  const volume = resolveVolume(call.world.storage.storages, drive.file, place(call))
  const format = drive.options.get('format')
  if (format !== undefined && format !== volume.format) {
    throw failure(
      `drive '${request.key}' - volume '${volume.volid}' - 'format=${format}' option different from storage format '${volume.format}'`,
    )
  }
  if (isCloudInit(drive)) requireNoCloudInit(request)
  if (!existsSync(volume.realPath)) throw failure(`volume '${volume.volid}' does not exist`)
  return withOptions(drive, { size: formatSize(await volumeSize(volume)) })
}

function requireNoCloudInit({ key, others }: DriveRequest): void {
  for (const values of others) {
    const other = driveKeys.find((one) => one !== key && isCloudInit(parseDrive(String(values.get(one) ?? ''))))
    if (other !== undefined) throw failure(`${key} - cloud-init drive is already attached at '${other}'`)
  }
}

interface MakeRequest {
  readonly request: DriveRequest
  readonly drive: Drive
}

async function makeCloudInit(call: Call, task: TaskContext, { request, drive }: MakeRequest): Promise<MadeDrive> {
  const storage = requireStorage(call, drive.file.split(':')[0] ?? '')
  requireNoCloudInit(request)
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

/**
 * An EFI disk is a copy of the firmware's variables. Its keys are read with `virt-fw-vars`, whose output is in the log
 * since 9.
 */
async function makeNew(
  call: Call,
  task: TaskContext,
  making: MakeRequest & { storage: StorageConfig; gibibytes: number },
): Promise<Volume> {
  const volume = await makeEmpty(call, task, making)
  if (making.request.key !== 'efidisk0') return volume
  const size = readableBytes(efiBytes(making.drive))
  for (const line of [`0.0 B of ${size} (0.00%)`, `${size} of ${size} (100.00%)`, `${size} of ${size} (100.00%)`]) {
    task.log(`transferred ${line}`)
  }
  if (making.drive.options.get('pre-enrolled-keys') === '1' && call.world.version !== '8.4') {
    task.log('INFO: reading raw edk2 varstore from /usr/share/pve-edk2-firmware//OVMF_VARS_4M.ms.fd')
    task.log('INFO: var store range: 0x64 -> 0x40000')
  }
  return volume
}

async function makeEmpty(
  call: Call,
  task: TaskContext,
  { request, drive, storage, gibibytes }: MakeRequest & { storage: StorageConfig; gibibytes: number },
): Promise<Volume> {
  const format = drive.options.get('format') ?? storageRules[storage.type].defaultFormat
  const bytes =
    request.key === 'efidisk0'
      ? efiBytes(drive)
      : request.key === 'tpmstate0'
        ? 4 * 1024 ** 2
        : Math.ceil(gibibytes * 1024 ** 2) * 1024
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
  // The format of a path is unknown when the disk is created, so the disk gets the storage's default.
  const isPath = source.startsWith('/')
  const wanted = drive.options.get('format') ?? (isPath ? rules.defaultFormat : volume.format)
  const format = rules.formats.includes(wanted) ? wanted : rules.defaultFormat
  const drawnFrom = ownersDrive(call, volume)
  if (!isPath) task.log(`create full clone of drive ${drawnFrom === undefined ? '' : `${drawnFrom} `}(${source})`)
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

/**
 * Returns the drive key of the volume in its owner's config.
 * @throws if the owner is on another node
 */
function ownersDrive(call: Call, { vmid, volid }: Volume): string | undefined {
  const owner = vmid === undefined ? undefined : call.world.machines.find(vmid)
  if (owner === undefined) return undefined
  if (owner.node !== call.node) throw failure(`owner VM ${owner.vmid} not on local node`)
  return driveKeys.find((key) => parseDrive(textOf(owner.config, key) ?? '').file === volid)
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
