// Describes drives with the names of the manifest.
import { diskKeys } from '../../manifest/machine-disks.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { isDriveKey, sizeOfDrive } from '../config/disk-config.ts'
import { imageOfDrive } from '../config/image-drives.ts'
import { parseProperties, storageOfVolume } from '../config/property-string.ts'
import { sizeText } from '../config/size-text.ts'
import type { Config } from '../config/wanted-config.ts'

/**
 * Returns `disk` for the boot disk, `disks[0]` for the first additional disk, `disks[scsi3]` for a disk that the manifest
 * does not name, or Proxmox's own name for another drive.
 */
export function placeOfDrive(key: string, machine: Pick<Machine, 'disks'>, config: Config): string {
  const index = diskKeys(machine, config).indexOf(key)
  if (index === 0) return 'disk'
  if (index > 0) return `disks[${index - 1}]`
  return isDriveKey(key) ? `disks[${key}]` : key
}

/** `2 GiB on local`, `debian on local` */
export function driveText(drive: unknown): string {
  const image = imageOfDrive(drive)
  if (image !== undefined) return `${image} on ${storageOf(drive)}`
  const bytes = sizeOfDrive(drive)
  return `${bytes === undefined ? 'a disk' : sizeText(bytes)} on ${storageOf(drive)}`
}

/** Returns the storage of a drive. */
export function storageOf(drive: unknown): string {
  return storageOfVolume(parseProperties(drive, 'file').get('file')) ?? 'no storage'
}
