// Compares two values of a config key as Proxmox does, considering defaults, order, spelling and sizes.

import { readMarker, readText } from '../../facts/cluster/marker.ts'
import { isCd } from '../config/device-config.ts'
import { parseNetworkCard, parseProperties, parseTags, sameProperties, textOf } from '../config/property-string.ts'
import { decodeKeys } from '../first-boot/proxmox-keys.ts'

type Sameness = (is: unknown, wanted: unknown) => boolean

/** Proxmox's defaults for keys that a config does not contain (qemu-server's schema). */
export const DEFAULTS: Readonly<Record<string, string | number>> = {
  cores: 1,
  sockets: 1,
  numa: 0,
  memory: 512,
  onboot: 0,
  protection: 0,
  bios: 'seabios',
  ostype: 'other',
  ciupgrade: 1,
  vga: 'std',
  scsihw: 'lsi',
  agent: 'enabled=0',
  tags: '',
  description: '',
}

/** Returns true if both values mean the same. The wanted value `null` means that the key should not exist. */
export function sameValue(key: string, is: unknown, wanted: string | number | null): boolean {
  if (wanted === null) return is === undefined || is === '' || is === ' '
  const value = is ?? DEFAULTS[key]
  return value !== undefined && sameness(key)(value, wanted)
}

function sameness(key: string): Sameness {
  return SPECIAL[key] ?? SPECIAL[key.replace(/\d+$/, '')] ?? sameText
}

const SPECIAL: Readonly<Record<string, Sameness>> = {
  net: (is, wanted) => sameProperties(parseNetworkCard(is), parseNetworkCard(wanted), NETWORK_DEFAULTS),
  scsi: sameDrive,
  virtio: sameDrive,
  sata: (is, wanted) => (isCd(wanted) ? sameCd(is, wanted) : sameDrive(is, wanted)),
  ide: sameCd,
  efidisk: (is) => is !== undefined,
  tpmstate: (is) => is !== undefined,
  ipconfig: (is, wanted) => sameProperties(parseProperties(is, ''), parseProperties(wanted, '')),
  startup: (is, wanted) => sameProperties(parseProperties(is, 'order'), parseProperties(wanted, 'order')),
  boot: (is, wanted) => sameProperties(parseProperties(is, 'legacy'), parseProperties(wanted, 'legacy')),
  cpu: (is, wanted) => sameProperties(parseProperties(is, 'cputype'), parseProperties(wanted, 'cputype')),
  machine: (is, wanted) => sameProperties(parseProperties(is, 'type'), parseProperties(wanted, 'type')),
  vga: sameDisplay,
  hostpci: (is, wanted) => sameProperties(parseProperties(is, 'host'), parseProperties(wanted, 'host'), PCI_DEFAULTS),
  usb: (is, wanted) => sameProperties(parseProperties(is, 'host'), parseProperties(wanted, 'host'), { usb3: '0' }),
  virtiofs: (is, wanted) =>
    sameProperties(parseProperties(is, 'dirid'), parseProperties(wanted, 'dirid'), FOLDER_DEFAULTS),
  rng: (is, wanted) => sameProperties(parseProperties(is, 'source'), parseProperties(wanted, 'source'), RNG_DEFAULTS),
  watchdog: (is, wanted) =>
    sameProperties(parseProperties(is, 'model'), parseProperties(wanted, 'model'), WATCHDOG_DEFAULTS),
  smbios: sameTexts,
  memory: (is, wanted) => memoryOf(is) === memoryOf(wanted),
  agent: (is, wanted) =>
    isOn(parseProperties(is, 'enabled').get('enabled')) === isOn(parseProperties(wanted, 'enabled').get('enabled')),
  tags: (is, wanted) => sameList(parseTags(is), parseTags(wanted)),
  nameserver: (is, wanted) => sameList(words(is), words(wanted)),
  sshkeys: (is, wanted) => sameList(decodeKeys(textOf(is)).toSorted(), decodeKeys(textOf(wanted)).toSorted()),
  description: sameDescription,
}

const NETWORK_DEFAULTS = { firewall: '0', link_down: '0', queues: '0' }
const PCI_DEFAULTS = { pcie: '0', 'x-vga': '0', rombar: '1' }
const FOLDER_DEFAULTS = { cache: 'auto', 'direct-io': '0', 'expose-xattr': '0', 'expose-acl': '0' }
/** Defaults of QEMU. */
const WATCHDOG_DEFAULTS = { model: 'i6300esb', action: 'reset' }
const RNG_DEFAULTS = { max_bytes: '1024', period: '1000' }

/** The memory of a display is compared only if the manifest sets it. */
function sameDisplay(is: unknown, wanted: unknown): boolean {
  const [left, right] = [parseProperties(is, 'type'), parseProperties(wanted, 'type')]
  return left.get('type') === right.get('type') && (!right.has('memory') || left.get('memory') === right.get('memory'))
}

/** Base64 is case-sensitive. The wanted texts already include those that stay. */
function sameTexts(is: unknown, wanted: unknown): boolean {
  const [left, right] = [parseProperties(is, 'uuid'), parseProperties(wanted, 'uuid')]
  return left.size === right.size && [...right].every(([key, value]) => left.get(key) === value)
}

function sameText(is: unknown, wanted: unknown): boolean {
  return textOf(is).trim() === textOf(wanted).trim()
}

/** The size of a drive changes only through resize, never through its options. */
function sameDrive(is: unknown, wanted: unknown): boolean {
  const [left, right] = [is, wanted].map((drive) => new Map(parseProperties(drive, 'file')))
  left?.delete('size')
  right?.delete('size')
  const defaults = { cache: 'none', discard: 'ignore', ssd: '0', iothread: '0', backup: '1', replicate: '1' }
  return left !== undefined && right !== undefined && sameProperties(left, right, defaults)
}

/** Compares CDs. For a cloud-init drive, any volume is equal, because Proxmox chooses its name. */
function sameCd(is: unknown, wanted: unknown): boolean {
  const [left = '', right = ''] = [is, wanted].map((drive) => parseProperties(drive, 'file').get('file'))
  return right.endsWith(':cloudinit') ? left.includes('cloudinit') : left === right
}

/** Compares text and marker. The spec hash of the marker changes with other keys and is ignored. */
function sameDescription(is: unknown, wanted: unknown): boolean {
  if (is === wanted) return true
  const [left, right] = [is, wanted].map(readMarker)
  const same = (['project', 'name', 'kind', 'image', 'base'] as const).every((key) => left?.[key] === right?.[key])
  return same && readText(is) === readText(wanted)
}

/** `2048`, or `current=2048` since Proxmox VE 8.1. */
export function memoryOf(value: unknown): number {
  return Number(parseProperties(value, 'current').get('current'))
}

/** Returns true if a flag is set. Proxmox accepts `1`, `on`, `yes` and `true`. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && ['1', 'on', 'yes', 'true'].includes(value.toLowerCase())
}

/** Splits a list of addresses. */
export function words(text: unknown): readonly string[] {
  return textOf(text)
    .split(/[ ,;]+/)
    .filter((word) => word !== '')
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((entry, index) => entry === other[index])
}
