// The disks of a machine: their places on the buses, and the images that they start with.
import type { Disk, Machine } from './manifest.ts'

/** The bus position of the boot disk. */
export const BOOT_DISK = 'scsi0'

/** The bus positions of a machine's disks, the boot disk being the first: `scsi0`, `scsi1`, `virtio0`, `scsi2`. */
export function diskKeys({ disks }: Pick<Machine, 'disks'>): readonly string[] {
  const next = { scsi: 1, virtio: 0, sata: 0 }
  return [BOOT_DISK, ...disks.map(({ bus = 'scsi' }) => `${bus}${next[bus]++}`)]
}

export interface ImageDisk {
  /** Its bus position. */
  readonly key: string
  readonly image: string
  readonly storage: string
  readonly disk: Disk
}

/** The further disks that start with an image. */
export function imageDisks(machine: Pick<Machine, 'disks' | 'storage'>): readonly ImageDisk[] {
  const keys = diskKeys(machine)
  return machine.disks.flatMap((disk, index) => {
    const { image, storage = machine.storage.disks } = disk
    return image === undefined ? [] : [{ key: keys[index + 1] ?? '', image, storage, disk }]
  })
}

/** The images of all its disks. */
export function imagesOf(machine: Pick<Machine, 'image' | 'disks' | 'storage'>): readonly string[] {
  return [machine.image, ...imageDisks(machine).map(({ image }) => image)]
}

/** The storages on which disks of a machine start with this image. */
export function storagesFor(machine: Pick<Machine, 'image' | 'disks' | 'storage'>, image: string): readonly string[] {
  const further = imageDisks(machine).flatMap((disk) => (disk.image === image ? [disk.storage] : []))
  return [...new Set([...(machine.image === image ? [machine.storage.disks] : []), ...further])]
}
