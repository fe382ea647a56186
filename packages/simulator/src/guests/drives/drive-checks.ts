// Checks the drives of a create or update call, as Proxmox does before it creates anything.
import type { Call } from '../../api/call.ts'
import { badParameters, failure } from '../../errors.ts'
import { type Drive, driveKeysAsText, formatDrive, isCdrom, isUnusedKey, parseDrive } from '../../state/drives.ts'
import { resolveVolume, type Volume } from '../../storage/volume.ts'
import { readDrive } from './drive-string.ts'
import { newDisk } from './drives.ts'
import { pathToVolume } from './path-to-volume.ts'
import { checkVolumeAccess, hasStorage } from './volume-access.ts'

interface DriveOptions {
  readonly vmid: number
  /** The storage of new disks that name none. */
  readonly defaultStorage?: string | undefined
  readonly options: ReadonlyMap<string, string>
}

/** `cdrom` is an old name for `ide2`. */
export function resolveCdromAlias(options: Map<string, string>): void {
  const value = options.get('cdrom')
  options.delete('cdrom')
  if (value) options.set('ide2', value.includes('media=') ? value : `${value},media=cdrom`)
}

/** Parses each drive and formats it as Proxmox does (qemu-server `$check_drive_param`). */
export function readDrives(call: Call, options: Map<string, string>): void {
  for (const key of driveKeysAsText) {
    const text = options.get(key)
    if (text === undefined) continue
    const drive = readDrive(key, text, call.world.version)
    if (drive === undefined) throw badParameters({ [key]: 'unable to parse drive options' })
    checkImport(key, drive)
    options.set(key, formatDrive(withMedia(call, key, drive)))
  }
}

function checkImport(key: string, { file, options }: Drive): void {
  if (!options.has('import-from')) return
  const wanted = newDisk.exec(file)
  if (wanted === null || Number(wanted[2]) !== 0) {
    throw badParameters({ [key]: "'import-from' requires special syntax - use <storage ID>:0,import-from=<source>" })
  }
  const needed = key === 'efidisk0' ? ['efitype', 'pre-enrolled-keys'] : key === 'tpmstate0' ? ['version'] : []
  const missing = needed.find((name) => !options.has(name))
  if (missing !== undefined) throw badParameters({ [key]: `need to specify '${missing}' when using 'import-from'` })
}

/** Paths become volumes, a drive without a disk becomes a CD, and an ISO image must be declared as one. */
function withMedia(call: Call, key: string, drive: Drive): Drive {
  const { file, options } = pathToVolume(call, key, drive)
  const media = options.get('media')
  if (/^(?:cdrom|none)$/.test(file) && media === undefined) {
    return { file, options: new Map([...options, ['media', 'cdrom']]) }
  }
  if (hasStorage(file) && !newDisk.test(file) && !file.endsWith(':cloudinit')) {
    if (volumeOf(call, file).kind === 'iso' && media !== 'cdrom') {
      throw badParameters({ [key]: "explicit 'media=cdrom' is required for iso images" })
    }
  }
  return { file, options }
}

const volumeOf = (call: Call, volid: string): Volume =>
  resolveVolume(call.world.storage.storages, volid, { root: call.world.root, node: call.node })

/** Checks the privileges on the sources of the drives (qemu-server `$check_storage_access`). */
export function checkStorageAccess(call: Call, drives: DriveOptions): void {
  for (const key of driveKeysAsText) {
    const text = drives.options.get(key)
    if (text !== undefined) checkDriveAccess(call, { ...drives, key, drive: parseDrive(text) })
  }
  for (const [key, text] of drives.options) if (isUnusedKey(key)) checkUnused(call, drives.vmid, { key, text })
  const states = drives.options.get('vmstatestorage')
  if (states !== undefined) call.needs(`/storage/${states}`, 'Datastore.AllocateSpace')
}

interface OneDrive extends DriveOptions {
  readonly key: string
  readonly drive: Drive
}

function checkDriveAccess(call: Call, one: OneDrive): void {
  const { key, drive, vmid } = one
  const { file } = drive
  const wanted = newDisk.exec(file)
  if (file === 'none' || file === 'cloudinit' || file.endsWith(':cloudinit')) {
    // The storage itself is checked when the drive is created.
  } else if (isCdrom(drive) && file === 'cdrom') call.needs('/', 'Sys.Console')
  else if (!isCdrom(drive) && wanted !== null) checkNewDisk(call, wanted[1] ?? one.defaultStorage)
  else {
    checkVolumeAccess(call, vmid, { volid: file })
    if (hasStorage(file) && !['images', 'iso'].includes(volumeOf(call, file).kind)) {
      throw badParameters({ [key]: "content type needs to be 'images' or 'iso'" })
    }
  }
  const source = drive.options.get('import-from')
  if (source !== undefined) checkSource(call, one, source)
}

function checkNewDisk(call: Call, id: string | undefined): void {
  if (id === undefined) throw failure('no storage ID specified (and no default storage)')
  call.needs(`/storage/${id}`, 'Datastore.AllocateSpace')
  const storage = call.world.storage.storages.get(id)
  if (storage === undefined) throw failure(`storage '${id}' does not exist`)
  if (!storage.content.has('images')) throw badParameters({ storage: `storage '${id}' does not support vm images` })
}

function checkSource(call: Call, { key, vmid }: OneDrive, source: string): void {
  const owner = hasStorage(source) ? checkImportable(call, key, source) : undefined
  if (owner !== undefined) call.needs(`/vms/${owner}`, 'VM.Clone')
  else checkVolumeAccess(call, vmid, { volid: source })
}

/** Returns the machine that owns the image, if there is one. */
function checkImportable(call: Call, key: string, source: string): number | undefined {
  const { kind, vmid } = volumeOf(call, source)
  if (kind === 'images' || kind === 'import') return vmid
  throw badParameters({ [key]: `${source} has wrong type '${kind}' - needs to be 'images' or 'import'` })
}

function checkUnused(call: Call, vmid: number, { key, text }: { key: string; text: string }): void {
  const { file } = parseDrive(text)
  if (!hasStorage(file)) throw badParameters({ [key]: `not a valid volid: ${file}` })
  checkVolumeAccess(call, vmid, { volid: file, kind: 'images' })
}

/** Returns the privileges for changing a drive, in addition to those on its volume. */
export function drivePrivileges(value: string): readonly string[] {
  const drive = parseDrive(value)
  if (/[:/](?:vm-\d+-)?cloudinit(?:\.\w+)?$/.test(drive.file)) return ['VM.Config.Cloudinit', 'VM.Config.CDROM']
  return isCdrom(drive) ? ['VM.Config.CDROM'] : ['VM.Config.Disk']
}
