// Describes drives with the names of the manifest.
import { diskKeys } from '../../manifest/machine-disks.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { sizeOfDrive } from '../config/disk-config.ts'
import { imageOfDrive } from '../config/image-drives.ts'
import { parseProperties, storageOfVolume } from '../config/property-string.ts'
import { sizeText } from '../config/size-text.ts'

/**
 * Returns `disk` for the boot disk, `disks[0]` for the first additional disk, or Proxmox's own name for an unknown
 * drive.
 */
export function placeOfDrive(key: string, machine: Pick<Machine, 'disks'>): string {
  const index = diskKeys(machine).indexOf(key)
  if (index === 0) return 'disk'
  return index > 0 ? `disks[${index - 1}]` : key
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
