// Disks, EFI variables and TPM as config keys. The boot disk is `scsi0`, further ones follow.
import type { Disk, Machine } from '../../manifest/manifest.ts'
import { formatProperties, parseProperties, parseSize, withProperties } from './property-string.ts'
import type { Config, Counts, WantedConfig } from './wanted-config.ts'

const GIB = 1024 ** 3

/** The bus position of a machine's disk, the boot disk being the first. */
export function diskKey(index: number): string {
  return `scsi${index}`
}

/** Disks with the declared options in place; new ones are allocated, sizes of existing ones change by resize alone. */
export function diskConfig(machine: Machine, current: Config, counts: Counts): WantedConfig {
  const boot = current[diskKey(0)]
  const further = counts('disks') ? machine.disks : []
  return {
    ...(counts('disk') && boot !== undefined && { [diskKey(0)]: withOptions(boot, machine.disk) }),
    ...Object.fromEntries(
      further.map((disk, index) => [diskKey(index + 1), furtherDisk(disk, index + 1, { machine, current })]),
    ),
    ...firmwareDisks(machine, current, counts),
  }
}

function furtherDisk(
  disk: Disk,
  index: number,
  { machine, current }: { readonly machine: Machine; readonly current: Config },
): string {
  const drive = current[diskKey(index)] ?? `${disk.storage ?? machine.storage.disks}:${(disk.sizeBytes ?? 0) / GIB}`
  return withOptions(drive, disk)
}

/** A drive with the options that the manifest names; the others stay as they are. */
function withOptions(drive: unknown, { cache, discard, ssd, ioThread, backup }: Disk): string {
  const options = {
    ...(cache !== undefined && { cache }),
    ...(discard !== undefined && { discard: discard ? 'on' : 'ignore' }),
    ...(ssd !== undefined && { ssd }),
    ...(ioThread !== undefined && { iothread: ioThread }),
    ...(backup !== undefined && { backup }),
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

/** Bytes of the disk at a key; nothing when there is none, or its size is not told. */
export function sizeOfDisk(config: Config, key: string): number | undefined {
  const drive = config[key]
  return typeof drive === 'string' ? parseSize(parseProperties(drive, 'file').get('size')) : undefined
}

/** Disks that are to be larger than they are, with the bytes they should have. */
export function growthOf({ disk, disks }: Machine, config: Config, counts: Counts): Readonly<Record<string, number>> {
  const wanted = [counts('disk') ? disk : {}, ...(counts('disks') ? disks : [])]
  return Object.fromEntries(
    wanted.flatMap(({ sizeBytes }: Disk, index) => {
      const has = sizeOfDisk(config, diskKey(index))
      return sizeBytes !== undefined && has !== undefined && sizeBytes > has ? [[diskKey(index), sizeBytes]] : []
    }),
  )
}
