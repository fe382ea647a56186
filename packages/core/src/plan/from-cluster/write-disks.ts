// Converts disks, CDs, EFI variables and TPM of a config to manifest keys.
import { BOOT_DISK, CD_DRIVES } from '../../manifest/machine-disks.ts'
import { driveText } from '../compare/drive-words.ts'
import { isCd } from '../config/device-config.ts'
import { parseProperties, storageOfVolume } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'
import { CLOUD_INIT_DRIVE } from '../first-boot/proxmox-keys.ts'
import {
  beyond,
  defined,
  flagOf,
  join,
  type Keys,
  NOTHING,
  numbered,
  numberOf,
  said,
  sizeOf,
  unsaid,
  type Written,
} from './written.ts'

/** Returns the storage of the boot disk, or else of the first disk. Undefined without a disk. */
export function disksStorage(config: Config): string | undefined {
  const keys = [BOOT_DISK, ...numbered(config, /^(scsi|virtio|sata|ide)\d+$/)].filter((key) => !isCd(config[key]))
  return keys.map((key) => storageOfDrive(config[key])).find((storage) => storage !== undefined)
}

/** Returns the id of the template that the boot disk is a linked clone of. */
export function templateOfDisk(config: Config): number | undefined {
  const file = parseProperties(config[BOOT_DISK], 'file').get('file') ?? ''
  const vmid = /(?:^|[:/])base-(\d+)-disk-/.exec(file)?.[1]
  return vmid === undefined ? undefined : Number(vmid)
}

export function writeDisks(config: Config): Written {
  const drives = numbered(config, /^(scsi|virtio|sata|ide)\d+$/)
  const cds = drives.filter((key) => isCd(config[key]))
  const disks = drives.filter((key) => !cds.includes(key))
  return join([
    bootDisk(config, disks),
    furtherDisks(config, disks),
    cdDrives(config, cds),
    firmwareDisks(config),
    ...numbered(config, /^unused\d+$/).map((key) => unsaid(`${key} (a disk that is detached)`, key)),
  ])
}

function storageOfDrive(drive: unknown): string | undefined {
  return storageOfVolume(parseProperties(drive, 'file').get('file'))
}

function bootDisk(config: Config, disks: readonly string[]): Written {
  const drive = config[BOOT_DISK]
  if (drive === undefined || !disks.includes(BOOT_DISK))
    return disks.length === 0 ? NOTHING : unsaid(`its boot disk, because it is not ${BOOT_DISK}`)
  if (storageOfDrive(drive) === undefined) return unsaid(`${BOOT_DISK}, which is not on a storage`, BOOT_DISK)
  const settings = diskSettings(drive)
  const plain = Object.keys(settings).length === 1 && settings.size !== undefined
  return join([
    said(Object.keys(settings).length === 0 ? {} : { disk: plain ? settings.size : settings }, BOOT_DISK),
    ...unknownOptions(BOOT_DISK, drive),
  ])
}

/** The manifest numbers disks of a bus from the lowest number, without gaps. */
function furtherDisks(config: Config, disks: readonly string[]): Written {
  const further = disks.filter((key) => key !== BOOT_DISK)
  if (further.length === 0) return NOTHING
  const words = further.map((key) => `${key} (${driveText(config[key])})`)
  const inRow = FIRST.flatMap(([bus, first]) => {
    const own = further.filter((key) => key.replace(/\d+$/, '') === bus)
    return own.map((key, index) => key === `${bus}${first + index}`)
  })
  const isSaid = disks.includes(BOOT_DISK) && inRow.length === further.length && inRow.every(Boolean)
  if (!isSaid || further.some((key) => storageOfDrive(config[key]) === undefined))
    return unsaid(`the disks ${words.join(', ')}, because their numbers are not consecutive`, ...further)
  const main = storageOfDrive(config[BOOT_DISK])
  const entries = FIRST.flatMap(([bus]) => further.filter((key) => key.replace(/\d+$/, '') === bus)).map((key) => {
    const storage = storageOfDrive(config[key])
    const bus = key.replace(/\d+$/, '')
    return {
      ...diskSettings(config[key]),
      ...(storage !== main && { storage }),
      ...(bus !== 'scsi' && { bus }),
    }
  })
  return join([said({ disks: entries }, ...further), ...further.flatMap((key) => unknownOptions(key, config[key]))])
}

const FIRST = [
  ['scsi', 1],
  ['virtio', 0],
  ['sata', 0],
] as const

const LIMITS = { readMBps: 'mbps_rd', writeMBps: 'mbps_wr', readIops: 'iops_rd', writeIops: 'iops_wr' } as const
const OPTIONS = new Set([
  'first',
  'file',
  'size',
  'format',
  'media',
  'cache',
  'discard',
  'ssd',
  'iothread',
  'backup',
  'replicate',
  'aio',
  'serial',
  ...Object.values(LIMITS),
])

function diskSettings(drive: unknown): Keys {
  const is = parseProperties(drive, 'file')
  const limits = defined(
    Object.fromEntries(Object.entries(LIMITS).map(([key, option]) => [key, numberOf(is.get(option))])),
  )
  const serial = is.get('serial')
  return defined({
    size: sizeOf(is.get('size')),
    cache: is.get('cache'),
    discard: flagOf(is.get('discard')),
    ssd: flagOf(is.get('ssd')),
    ioThread: flagOf(is.get('iothread')),
    backup: flagOf(is.get('backup')),
    replicate: flagOf(is.get('replicate')),
    aio: is.get('aio'),
    serial: serial === undefined ? undefined : decoded(serial),
    limits: Object.keys(limits).length === 0 ? undefined : limits,
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function unknownOptions(key: string, drive: unknown): readonly Written[] {
  return beyond(key, drive, OPTIONS).map((clause) => unsaid(clause))
}

/** The manifest can express CDs only in its own drives. The cloud-init drive belongs to Proxmox. */
function cdDrives(config: Config, cds: readonly string[]): Written {
  const inRow = CD_DRIVES.filter(
    (key, index) => cds.includes(key) && CD_DRIVES.slice(0, index).every((one) => cds.includes(one)),
  )
  const volumes = inRow.map((key) => parseProperties(config[key], 'file').get('file') ?? '')
  const isSaid = inRow.length > 0 && volumes.every((volume) => /:iso\//.test(volume))
  const others = cds.filter((key) => !(isSaid && (inRow as readonly string[]).includes(key)))
  return join([
    isSaid ? said({ cdrom: volumes.length === 1 ? volumes[0] : volumes }, ...inRow) : NOTHING,
    ...others.map((key) => cdInWords(key, config[key])),
  ])
}

function cdInWords(key: string, drive: unknown): Written {
  const file = parseProperties(drive, 'file').get('file') ?? ''
  if (/cloudinit/.test(file))
    return key === CLOUD_INIT_DRIVE ? said({}, key) : unsaid(`its cloud-init drive, because it is ${key}`, key)
  return unsaid(file === 'none' ? `the empty CD drive ${key}` : `the CD ${file} in ${key}`, key)
}

/** A declared key without the existing disk would create the disk. */
function firmwareDisks(config: Config): Written {
  const efi = parseProperties(config.efidisk0, 'file')
  const tpm = parseProperties(config.tpmstate0, 'file')
  const isUefi = config.bios === 'ovmf'
  return join([
    isUefi && config.efidisk0 !== undefined
      ? said({ bios: 'ovmf', ...(efi.get('pre-enrolled-keys') === '1' && { secureBoot: true }) }, 'bios', 'efidisk0')
      : NOTHING,
    isUefi && config.efidisk0 === undefined ? unsaid('its firmware: UEFI without an EFI disk', 'bios') : NOTHING,
    !isUefi && config.efidisk0 !== undefined ? unsaid('an EFI disk that is not used', 'efidisk0') : NOTHING,
    isUefi ? NOTHING : said({}, 'bios'),
    config.tpmstate0 === undefined
      ? NOTHING
      : tpm.get('version') === 'v2.0'
        ? said({ tpm: true }, 'tpmstate0')
        : unsaid('its TPM, which is not version 2.0', 'tpmstate0'),
  ])
}
