// Parses property strings of drives and network devices, and formats them in Proxmox's order.
import { randomBytes } from 'node:crypto'
import { defaultMacPrefix } from './datacenter.ts'

export interface Drive {
  readonly file: string
  readonly options: ReadonlyMap<string, string>
}

const buses: readonly (readonly [string, number])[] = [
  ['ide', 4],
  ['scsi', 31],
  ['virtio', 16],
  ['sata', 6],
]

/** All drive keys, in the order in which Proxmox walks the drives of a machine (but see `driveKeysAsText`). */
export const driveKeys: readonly string[] = [
  ...buses.flatMap(([bus, count]) => Array.from({ length: count }, (_, index) => `${bus}${index}`)),
  'efidisk0',
  'tpmstate0',
]

const known = new Set(driveKeys)

/** To create and clone drives, Proxmox sorts the keys as text: scsi10 comes before scsi2. */
export const driveKeysAsText: readonly string[] = [...driveKeys].sort()

export function isDriveKey(key: string): boolean {
  return known.has(key)
}

export function isUnusedKey(key: string): boolean {
  return /^unused\d+$/.test(key)
}

/** Empty parts are ignored, and `volume=` is another name for `file=` (PVE::JSONSchema `parse_property_string`). */
export function parseDrive(text: string): Drive {
  const options = new Map<string, string>()
  let file = ''
  for (const part of text.split(',')) {
    if (part.trim() === '') continue
    const equals = part.indexOf('=')
    const key = equals < 0 ? 'file' : part.slice(0, equals)
    const value = part.slice(equals + 1)
    if (key === 'file' || key === 'volume') file = value
    else options.set(key, value)
  }
  return { file, options }
}

export function formatDrive({ file, options }: Drive): string {
  return [file, ...[...options.keys()].sort().map((key) => `${key}=${options.get(key)}`)].join(',')
}

export function withOptions(drive: Drive, changes: Readonly<Record<string, string | undefined>>): Drive {
  const options = new Map(drive.options)
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) options.delete(key)
    else options.set(key, value)
  }
  return { file: drive.file, options }
}

export function isCdrom(drive: Drive): boolean {
  return drive.options.get('media') === 'cdrom'
}

/** Returns true for a cloud-init drive, judging by its volume's name, even before it is created: `local:cloudinit`. */
export function isCloudInit(drive: Drive): boolean {
  return /[:/](?:vm-\d+-)?cloudinit(?:\.(?:raw|qcow2?|qed|vmdk|cloop))?$/.test(drive.file)
}

/** Formats bytes as in drive strings: the largest unit without a remainder. `0` becomes `0T`. */
export function formatSize(bytes: number): string {
  let size = bytes
  for (const unit of ['', 'K', 'M', 'G']) {
    if (size % 1024 !== 0) return `${size}${unit}`
    size /= 1024
  }
  return `${size}T`
}

/** Parses `1.5G`, `512`, `64M`, `1GiB` into bytes. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(?:([KMGT])(?:iB)?)?$/.exec(text)
  if (match === null) return undefined
  const power = ['', 'K', 'M', 'G', 'T'].indexOf(match[2] ?? '')
  return Math.floor(Number(match[1]) * 1024 ** power)
}

/**
 * Generates a unicast, locally administered MAC, except for the prefix, which may have any length (pve-common
 * `random_ether_addr`).
 */
export function randomMac(prefix = defaultMacPrefix): string {
  const bytes = [...randomBytes(6)].map((byte, index) => (index === 0 ? (byte & 0xfe) | 2 : byte))
  const address = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
  return `${prefix}${address.slice(prefix.length)}`.toUpperCase()
}

const models = new Set([
  'e1000',
  'e1000-82540em',
  'e1000-82544gc',
  'e1000-82545em',
  'e1000e',
  'i82551',
  'i82557b',
  'i82559er',
  'ne2k_isa',
  'ne2k_pci',
  'pcnet',
  'rtl8139',
  'virtio',
  'vmxnet3',
])

const networkFlags = new Set(['firewall', 'link_down'])

/**
 * `virtio,bridge=vmbr0` → `virtio=BC:24:11:…,bridge=vmbr0`. An existing MAC address is unchanged, including its case.
 */
export function normalizeNetwork(text: string, macPrefix = defaultMacPrefix): string {
  const options = new Map<string, string>()
  let model = 'virtio'
  let address: string | undefined
  for (const part of text.split(',')) {
    if (part.trim() === '') continue
    const [key = '', value] = part.split('=')
    if (models.has(key)) {
      model = key
      address = value ?? address
    } else if (key === 'model') model = value ?? model
    else if (key === 'macaddr') address = value
    else if (value !== undefined) options.set(key, networkFlags.has(key) ? flagOf(value) : value)
  }
  const rest = [...options.keys()].sort().map((key) => `${key}=${options.get(key)}`)
  return [`${model}=${address ?? randomMac(macPrefix)}`, ...rest].join(',')
}

function flagOf(text: string): string {
  if (/^(?:1|on|yes|true)$/i.test(text)) return '1'
  return /^(?:0|off|no|false)$/i.test(text) ? '0' : text
}
