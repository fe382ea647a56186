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

/** Where ISO images go: the cloud-init drive has `ide2`, and further disks fill a bus from below. */
export const CD_DRIVES = ['ide0', 'sata5'] as const

/** The CD drives that hold an image of the manifest. */
export function imageCds({ cdroms }: Pick<Machine, 'cdroms'>): readonly Pick<ImageDisk, 'key' | 'image'>[] {
  return cdroms.flatMap((cdrom, index) =>
    'image' in cdrom ? [{ key: CD_DRIVES[index] ?? '', image: cdrom.image }] : [],
  )
}

/** Whether a drive of Proxmox's config holds a build of this image, by the name that we give to those. */
export function holdsIso(drive: unknown, image: string): boolean {
  const [file = ''] = typeof drive === 'string' ? drive.split(',') : []
  const name = file.slice(file.indexOf(':iso/') + ':iso/'.length)
  return (
    name.startsWith(`${fileStem(image)}-`) && /^[0-9a-f]{16}(-\d+)?\.iso$/.test(name.slice(fileStem(image).length + 1))
  )
}

/** The name of an image as the beginning of a file's. */
export function fileStem(image: string): string {
  return image.replace(/[^a-zA-Z0-9_.-]/g, '_')
}

type Drives = Pick<Machine, 'image' | 'disks' | 'storage' | 'cdroms'>

/** The images of all its disks and CDs. */
export function imagesOf(machine: Drives): readonly string[] {
  return [machine.image, ...[...imageDisks(machine), ...imageCds(machine)].map(({ image }) => image)]
}

/** Images of further disks and CDs that a guest with this config lacks. */
export function lackingImages(machine: Drives, config: Readonly<Record<string, unknown>>): readonly string[] {
  const disks = imageDisks(machine).filter(({ key }) => config[key] === undefined)
  const cds = imageCds(machine).filter(({ key, image }) => !holdsIso(config[key], image))
  return [...disks, ...cds].map(({ image }) => image)
}

/** The storages on which disks of a machine start with this image. */
export function storagesFor(machine: Pick<Machine, 'image' | 'disks' | 'storage'>, image: string): readonly string[] {
  const further = imageDisks(machine).flatMap((disk) => (disk.image === image ? [disk.storage] : []))
  return [...new Set([...(machine.image === image ? [machine.storage.disks] : []), ...further])]
}
