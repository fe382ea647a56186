// The disks of a machine: their bus positions and the images that they start with.
import type { Disk, Machine } from './manifest.ts'

/** The bus position of the boot disk. */
export const BOOT_DISK = 'scsi0'

type Drives = Readonly<Record<string, unknown>>

/**
 * Returns the bus positions of a machine's disks, boot disk first: `scsi0`, `scsi1`, `virtio0`, `scsi2`. A disk with a
 * serial number is where the config has that serial number. The others take the first free positions of their bus, in
 * their order.
 */
export function diskKeys({ disks }: Pick<Machine, 'disks'>, config: Drives = {}): readonly string[] {
  const keys = new Map<Disk, string>()
  const isFree = (key: string) => key !== BOOT_DISK && ![...keys.values()].includes(key)
  for (const disk of disks) {
    const key = keyBySerial(disk, config, isFree)
    if (key !== undefined) keys.set(disk, key)
  }
  for (const disk of disks) if (!keys.has(disk)) keys.set(disk, firstKey(disk, isFree))
  return [BOOT_DISK, ...disks.map((disk) => keys.get(disk) ?? '')]
}

function keyBySerial(
  { serial, bus = 'scsi' }: Disk,
  config: Drives,
  isFree: (key: string) => boolean,
): string | undefined {
  if (serial === undefined) return undefined
  const isIt = (key: string) => key.replace(/\d+$/, '') === bus && isFree(key) && serialOfDrive(config[key]) === serial
  return Object.keys(config).filter(isIt).sort()[0]
}

function firstKey({ bus = 'scsi' }: Disk, isFree: (key: string) => boolean): string {
  let index = 0
  while (!isFree(`${bus}${index}`)) index += 1
  return `${bus}${index}`
}

/** Returns the serial number of a drive in Proxmox's config, or undefined if it has none. */
export function serialOfDrive(drive: unknown): string | undefined {
  const [, serial] = (typeof drive === 'string' && /,serial=([^,]+)/.exec(drive)) || []
  try {
    return serial && decodeURIComponent(serial)
  } catch {
    return serial
  }
}

export interface StoredDisk {
  /** Its bus position. */
  readonly key: string
  /** The key of the manifest that names its storage. */
  readonly place: string
  readonly storage: string
}

/** Returns the disks in the config of a machine, each with the storage that the manifest names for it. */
export function storedDisks(
  machine: Pick<Machine, 'disks' | 'storage' | 'declared'>,
  config: Drives,
): readonly StoredDisk[] {
  const { disks, storage, declared } = machine
  const [boot = BOOT_DISK, ...further] = diskKeys(machine, config)
  const beside = ['efidisk0', 'tpmstate0', 'ide2'].map((key) => ({ key, place: `storage.disks (${key})` }))
  return [
    { key: boot, place: 'storage.disks', storage: storage.disks },
    ...(declared.has('disks') ? disks : []).map((disk, index) => ({
      key: further[index] ?? '',
      place: `disks[${index}].storage`,
      storage: disk.storage ?? storage.disks,
    })),
    ...beside.map((one) => ({ ...one, storage: storage.disks })),
  ].filter(({ key }) => volumeStorage(config[key]) !== undefined && (key !== 'ide2' || isCloudInitDrive(config[key])))
}

/** Returns the storage of a drive in Proxmox's config, or undefined for an empty CD drive. */
export function volumeStorage(drive: unknown): string | undefined {
  return typeof drive === 'string' ? /^([a-zA-Z][\w.-]*):/.exec(drive)?.[1] : undefined
}

/** Returns true for the drive with the cloud-init documents that Proxmox writes. */
export function isCloudInitDrive(drive: unknown): boolean {
  return typeof drive === 'string' && /^[^,]*cloudinit/.test(drive)
}

export interface ImageDisk {
  /** The bus position. */
  readonly key: string
  readonly image: string
  readonly storage: string
  readonly disk: Disk
}

/** Returns the additional disks that start with an image. */
export function imageDisks(machine: Pick<Machine, 'disks' | 'storage'>, config?: Drives): readonly ImageDisk[] {
  const keys = diskKeys(machine, config)
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

type WithDrives = Pick<Machine, 'image' | 'disks' | 'storage' | 'cdroms'>

/** Returns the images of all disks and CDs. */
export function imagesOf(machine: WithDrives): readonly string[] {
  return [machine.image, ...[...imageDisks(machine), ...imageCds(machine)].map(({ image }) => image)]
}

/** Returns the images of additional disks and CDs that a guest with this config lacks. */
export function lackingImages(machine: WithDrives, config: Drives): readonly string[] {
  const disks = imageDisks(machine, config).filter(({ key }) => config[key] === undefined)
  const cds = imageCds(machine).filter(({ key, image }) => !holdsIso(config[key], image))
  return [...disks, ...cds].map(({ image }) => image)
}

/** Returns the storages on which disks of a machine start with this image. */
export function storagesFor(machine: Pick<Machine, 'image' | 'disks' | 'storage'>, image: string): readonly string[] {
  const further = imageDisks(machine).flatMap((disk) => (disk.image === image ? [disk.storage] : []))
  return [...new Set([...(machine.image === image ? [machine.storage.disks] : []), ...further])]
}
