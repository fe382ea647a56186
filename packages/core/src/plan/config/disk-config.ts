// Disks, EFI variables and TPM as config keys. The boot disk is `scsi0`, further ones follow.
import { BOOT_DISK, diskKeys } from '../../manifest/machine-disks.ts'
import type { Disk, Machine } from '../../manifest/manifest.ts'
import { IMAGE_PREFIX } from './image-drives.ts'
import { formatProperties, parseProperties, parseSize, withProperties } from './property-string.ts'
import type { Config, Counts, WantedConfig } from './wanted-config.ts'

const GIB = 1024 ** 3

/** Whether a key of the config is that of a disk or of a CD drive on the same buses. */
export function isDriveKey(key: string): boolean {
  return /^(scsi|virtio|sata)\d+$/.test(key)
}

/** Disks with the declared options in place; new ones are allocated, sizes of existing ones change by resize alone. */
export function diskConfig(machine: Machine, current: Config, counts: Counts): WantedConfig {
  const boot = current[BOOT_DISK]
  const further = counts('disks') ? machine.disks : []
  const keys = diskKeys(machine)
  return {
    ...(counts('disk') && boot !== undefined && { [BOOT_DISK]: withOptions(boot, machine.disk) }),
    ...Object.fromEntries(
      further.map((disk, index) => {
        const key = keys[index + 1] ?? ''
        return [key, furtherDisk(disk, current[key], machine)]
      }),
    ),
    ...firmwareDisks(machine, current, counts),
  }
}

/** What a disk starts with counts when it is made, and never again. */
function furtherDisk(disk: Disk, current: unknown, machine: Machine): string {
  const { image, storage = machine.storage.disks, sizeBytes = 0 } = disk
  const fresh =
    image === undefined ? `${storage}:${sizeBytes / GIB}` : `${storage}:0,import-from=${IMAGE_PREFIX}${image}`
  return withOptions(current ?? fresh, disk)
}

/** A drive with the options that the manifest names; the others stay as they are. */
function withOptions(drive: unknown, disk: Disk): string {
  const { cache, discard, ssd, ioThread, backup, replicate, aio, serial, limits } = disk
  const options = {
    ...(cache !== undefined && { cache }),
    ...(discard !== undefined && { discard: discard ? 'on' : 'ignore' }),
    ...(ssd !== undefined && { ssd }),
    ...(ioThread !== undefined && { iothread: ioThread }),
    ...(backup !== undefined && { backup }),
    ...(replicate !== undefined && { replicate }),
    ...(aio !== undefined && { aio }),
    ...(serial !== undefined && { serial: encodeURIComponent(serial) }),
    ...(limits?.readMBps !== undefined && { mbps_rd: limits.readMBps }),
    ...(limits?.writeMBps !== undefined && { mbps_wr: limits.writeMBps }),
    ...(limits?.readIops !== undefined && { iops_rd: limits.readIops }),
    ...(limits?.writeIops !== undefined && { iops_wr: limits.writeIops }),
  }
  return formatProperties(withProperties(parseProperties(drive, 'file'), options), 'file')
}

/** Made once and never changed: what they hold (boot entries, keys) is the machine's. */
function firmwareDisks({ firmware, storage }: Machine, current: Config, counts: Counts): WantedConfig {
  const efi = counts('bios') && firmware.bios === 'ovmf' && current.efidisk0 === undefined
  const tpm = counts('tpm') && firmware.tpm && current.tpmstate0 === undefined
  const keys = firmware.secureBoot ? 1 : 0
  return {
    ...(efi && { efidisk0: `${storage.disks}:1,efitype=4m,pre-enrolled-keys=${keys}` }),
    ...(tpm && { tpmstate0: `${storage.disks}:1,version=v2.0` }),
  }
}

/** Bytes of a drive, or of one that is to be allocated (`local:20`, in GiB); nothing when it does not say. */
export function sizeOfDrive(drive: unknown): number | undefined {
  const properties = parseProperties(drive, 'file')
  const allocated = /:(\d+(?:\.\d+)?)$/.exec(properties.get('file') ?? '')?.[1]
  return allocated === undefined ? parseSize(properties.get('size')) : Math.round(Number(allocated) * GIB)
}

/** Bytes of the disk at a key; nothing when there is none, or its size is not told. */
export function sizeOfDisk(config: Config, key: string): number | undefined {
  const drive = config[key]
  return typeof drive === 'string' ? parseSize(parseProperties(drive, 'file').get('size')) : undefined
}

/** Disks that are to be larger than they are, with the bytes they should have. */
export function growthOf(machine: Machine, config: Config, counts: Counts): Readonly<Record<string, number>> {
  const { disk, disks } = machine
  const wanted = [counts('disk') ? disk : {}, ...(counts('disks') ? disks : [])]
  const keys = diskKeys(machine)
  return Object.fromEntries(
    wanted.flatMap(({ sizeBytes }: Disk, index) => {
      const key = keys[index] ?? ''
      const has = sizeOfDisk(config, key)
      return sizeBytes !== undefined && has !== undefined && sizeBytes > has ? [[key, sizeBytes]] : []
    }),
  )
}
