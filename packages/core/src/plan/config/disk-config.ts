// Creates config keys for disks, EFI variables and TPM. The boot disk is `scsi0`, additional disks follow.
import { BOOT_DISK, diskKeys } from '../../manifest/machine-disks.ts'
import type { Disk, Machine } from '../../manifest/manifest.ts'
import { IMAGE_PREFIX } from './image-drives.ts'
import { formatProperties, parseProperties, parseSize, withProperties } from './property-string.ts'
import type { Config, Counts, WantedConfig } from './wanted-config.ts'

const GIB = 1024 ** 3

/** Returns true if a config key belongs to a disk, or to a CD drive on the same bus. */
export function isDriveKey(key: string): boolean {
  return /^(scsi|virtio|sata)\d+$/.test(key)
}

/**
 * Returns the disks with their declared options. New disks are allocated; existing ones change their size only through
 * resize.
 */
export function diskConfig(machine: Machine, current: Config, counts: Counts): WantedConfig {
  const boot = current[BOOT_DISK]
  const further = counts('disks') ? machine.disks : []
  const keys = diskKeys(machine, current)
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

/** The source of a disk matters only when the disk is created. */
function furtherDisk(disk: Disk, current: unknown, machine: Machine): string {
  const { image, storage = machine.storage.disks, sizeBytes = 0 } = disk
  const fresh =
    image === undefined ? `${storage}:${sizeBytes / GIB}` : `${storage}:0,import-from=${IMAGE_PREFIX}${image}`
  return withOptions(current ?? fresh, disk)
}

/** Returns a drive with the options that the manifest sets. Other options are unchanged. */
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

/** Created once and never changed, because their content (boot entries, keys) belongs to the VM. */
function firmwareDisks({ firmware, storage }: Machine, current: Config, counts: Counts): WantedConfig {
  const efi = counts('bios') && firmware.bios === 'ovmf' && current.efidisk0 === undefined
  const tpm = counts('tpm') && firmware.tpm && current.tpmstate0 === undefined
  const keys = firmware.secureBoot ? 1 : 0
  return {
    ...(efi && { efidisk0: `${storage.disks}:1,efitype=4m,pre-enrolled-keys=${keys}` }),
    ...(tpm && { tpmstate0: `${storage.disks}:1,version=v2.0` }),
  }
}

/** Returns the bytes of a drive, or of one that will be allocated (`local:20`, in GiB). Undefined if it has no size. */
export function sizeOfDrive(drive: unknown): number | undefined {
  const properties = parseProperties(drive, 'file')
  const allocated = /:(\d+(?:\.\d+)?)$/.exec(properties.get('file') ?? '')?.[1]
  return allocated === undefined ? parseSize(properties.get('size')) : Math.round(Number(allocated) * GIB)
}

/** Returns the bytes of the disk at a key. Undefined if there is no disk or its size is unknown. */
export function sizeOfDisk(config: Config, key: string): number | undefined {
  const drive = config[key]
  return typeof drive === 'string' ? parseSize(parseProperties(drive, 'file').get('size')) : undefined
}

/** Returns the disks that must grow, with their wanted size in bytes. */
export function growthOf(machine: Machine, config: Config, counts: Counts): Readonly<Record<string, number>> {
  const { disk, disks } = machine
  const wanted = [counts('disk') ? disk : {}, ...(counts('disks') ? disks : [])]
  const keys = diskKeys(machine, config)
  return Object.fromEntries(
    wanted.flatMap(({ sizeBytes }: Disk, index) => {
      const key = keys[index] ?? ''
      const has = sizeOfDisk(config, key)
      return sizeBytes !== undefined && has !== undefined && sizeBytes > has ? [[key, sizeBytes]] : []
    }),
  )
}
