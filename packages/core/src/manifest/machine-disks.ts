// The disks of a machine: their bus positions and the images that they start with.
import type { Disk, Machine } from './manifest.ts'

/** The bus position of the boot disk. */
export const BOOT_DISK = 'scsi0'

/** Returns the bus positions of a machine's disks, boot disk first: `scsi0`, `scsi1`, `virtio0`, `scsi2`. */
export function diskKeys({ disks }: Pick<Machine, 'disks'>): readonly string[] {
  const next = { scsi: 1, virtio: 0, sata: 0 }
  return [BOOT_DISK, ...disks.map(({ bus = 'scsi' }) => `${bus}${next[bus]++}`)]
}

export interface ImageDisk {
  /** The bus position. */
  readonly key: string
  readonly image: string
  readonly storage: string
  readonly disk: Disk
}

/** Returns the additional disks that start with an image. */
export function imageDisks(machine: Pick<Machine, 'disks' | 'storage'>): readonly ImageDisk[] {
  const keys = diskKeys(machine)
  return machine.disks.flatMap((disk, index) => {
    const { image, storage = machine.storage.disks } = disk
    return image === undefined ? [] : [{ key: keys[index + 1] ?? '', image, storage, disk }]
  })
}

/** Drives for ISO images. The cloud-init drive uses `ide2`, and additional disks fill a bus from its first position. */
export const CD_DRIVES = ['ide0', 'sata5'] as const

/** Returns the CD drives that contain an image of the manifest. */
export function imageCds({ cdroms }: Pick<Machine, 'cdroms'>): readonly Pick<ImageDisk, 'key' | 'image'>[] {
  return cdroms.flatMap((cdrom, index) =>
    'image' in cdrom ? [{ key: CD_DRIVES[index] ?? '', image: cdrom.image }] : [],
  )
}

/**
 * Returns true if a drive in Proxmox's config contains a build of this image. It compares the file name that this
 * program uses.
 */
export function holdsIso(drive: unknown, image: string): boolean {
  const [file = ''] = typeof drive === 'string' ? drive.split(',') : []
  const name = file.slice(file.indexOf(':iso/') + ':iso/'.length)
  return (
    name.startsWith(`${fileStem(image)}-`) && /^[0-9a-f]{16}(-\d+)?\.iso$/.test(name.slice(fileStem(image).length + 1))
  )
}

/** Returns the name of an image as the start of a file name. */
export function fileStem(image: string): string {
  return image.replace(/[^a-zA-Z0-9_.-]/g, '_')
}

type Drives = Pick<Machine, 'image' | 'disks' | 'storage' | 'cdroms'>

/** Returns the images of all disks and CDs. */
export function imagesOf(machine: Drives): readonly string[] {
  return [machine.image, ...[...imageDisks(machine), ...imageCds(machine)].map(({ image }) => image)]
}

/** Returns the images of additional disks and CDs that a guest with this config lacks. */
export function lackingImages(machine: Drives, config: Readonly<Record<string, unknown>>): readonly string[] {
  const disks = imageDisks(machine).filter(({ key }) => config[key] === undefined)
  const cds = imageCds(machine).filter(({ key, image }) => !holdsIso(config[key], image))
  return [...disks, ...cds].map(({ image }) => image)
}

/** Returns the storages on which disks of a machine start with this image. */
export function storagesFor(machine: Pick<Machine, 'image' | 'disks' | 'storage'>, image: string): readonly string[] {
  const further = imageDisks(machine).flatMap((disk) => (disk.image === image ? [disk.storage] : []))
  return [...new Set([...(machine.image === image ? [machine.storage.disks] : []), ...further])]
}
