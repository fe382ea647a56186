// Creates config keys for mapped devices, CD drives, display, random numbers, watchdog and SMBIOS texts.
import { CD_DRIVES, holdsIso } from '../../manifest/machine-disks.ts'
import type { Cdrom, Device, Machine, Smbios } from '../../manifest/manifest.ts'
import { IMAGE_PREFIX } from './image-drives.ts'
import { formatProperties, type Properties, parseProperties, textOf, withProperties } from './property-string.ts'
import type { Config, Counts, WantedConfig } from './wanted-config.ts'

/** Returns the wanted values of declared devices. Devices of users and devices by raw address are not changed. */
export function deviceConfig(machine: Machine, current: Config, counts: Counts): WantedConfig {
  return {
    ...(counts('devices') && mappedDevices(machine.devices, current)),
    ...(counts('cdrom') && cdDrives(machine.cdroms, current)),
    ...(counts('vga') && machine.vga && { vga: vgaText(machine.vga) }),
    ...(counts('rng') && { rng0: rngText(machine.rng) }),
    ...(counts('watchdog') && { watchdog: watchdogText(machine.watchdog) }),
    ...(counts('smbios') && machine.smbios && { smbios1: smbiosText(machine.smbios, current.smbios1) }),
  }
}

const KEYS = { pci: 'hostpci', usb: 'usb', virtiofs: 'virtiofs' } as const

/**
 * The option that names the mapping in each kind of device. A device without it has a raw address, which only root may
 * use.
 */
const MAPPING_KEYS = { pci: 'mapping', usb: 'mapping', virtiofs: 'dirid' } as const

type Kind = Device['kind']

function mappedDevices(devices: readonly Device[], current: Config): WantedConfig {
  const kinds = Object.keys(KEYS) as Kind[]
  return Object.assign({}, ...kinds.map((kind) => devicesOf(kind, devices, current))) as WantedConfig
}

function devicesOf(kind: Kind, devices: readonly Device[], current: Config): WantedConfig {
  const isRaw = (key: string) => current[key] !== undefined && mappingOf(kind, current[key]) === undefined
  const free = slots(KEYS[kind]).filter((key) => !isRaw(key))
  const wanted = devices.filter((device) => device.kind === kind).map((device) => deviceText(device))
  const entries = wanted.map((text, index) => [free[index] ?? '', text] as const)
  const taken = new Set(entries.map(([key]) => key))
  const surplus = free.filter((key) => current[key] !== undefined && !taken.has(key))
  return Object.fromEntries([...entries, ...surplus.map((key) => [key, null] as const)])
}

const SLOTS = { hostpci: 16, usb: 14, virtiofs: 10 } as const

function slots(key: keyof typeof SLOTS): readonly string[] {
  return Array.from({ length: SLOTS[key] }, (_, index) => `${key}${index}`)
}

/** Returns the mapping of a device in the config, or undefined if it has a raw address. */
export function mappingOf(kind: Kind, value: unknown): string | undefined {
  return parseProperties(value, kind === 'virtiofs' ? 'dirid' : 'host').get(MAPPING_KEYS[kind])
}

function deviceText(device: Device): string {
  if (device.kind === 'virtiofs') return formatProperties(sharedFolder(device), 'dirid')
  const properties =
    device.kind === 'usb'
      ? { mapping: device.mapping, usb3: device.usb3 }
      : {
          mapping: device.mapping,
          pcie: device.pcie,
          'x-vga': device.primaryGpu,
          rombar: device.romBar,
          mdev: device.mdev,
        }
  return formatProperties(withProperties(new Map(), properties), 'host')
}

function sharedFolder(device: Extract<Device, { kind: 'virtiofs' }>): Properties {
  return withProperties(new Map(), {
    dirid: device.mapping,
    cache: device.cache,
    'direct-io': device.directIo,
    'expose-xattr': device.xattr,
    'expose-acl': device.acl,
  })
}

function cdDrives(cdroms: readonly Cdrom[], current: Config): WantedConfig {
  return Object.fromEntries(
    CD_DRIVES.flatMap((key, index): [string, string | null][] => {
      const cdrom = cdroms[index]
      if (cdrom !== undefined) return [[key, cdText(cdrom, current[key])]]
      return isCd(current[key]) ? [[key, null]] : []
    }),
  )
}

/** The build of a CD's image matters only when the CD is inserted. */
function cdText(cdrom: Cdrom, current: unknown): string {
  if ('volume' in cdrom) return `${cdrom.volume},media=cdrom`
  return holdsIso(current, cdrom.image) ? textOf(current) : `none,media=cdrom,import-from=${IMAGE_PREFIX}${cdrom.image}`
}

/** Returns true if a drive of the config is a CD drive. */
export function isCd(drive: unknown): boolean {
  return parseProperties(drive, 'file').get('media') === 'cdrom'
}

function vgaText({ type, memoryMiB }: NonNullable<Machine['vga']>): string {
  return formatProperties(withProperties(new Map(), { type, memory: memoryMiB }), 'type')
}

function rngText(rng: Machine['rng']): string | null {
  if (rng === undefined) return null
  const { source, maxBytes, periodMs } = rng
  return formatProperties(withProperties(new Map(), { source, max_bytes: maxBytes, period: periodMs }), 'source')
}

function watchdogText(watchdog: Machine['watchdog']): string | null {
  return watchdog === undefined ? null : formatProperties(new Map(Object.entries(watchdog)), 'model')
}

/** Keeps the UUID and texts that the manifest does not state. Texts are base64, because they may contain commas. */
function smbiosText(smbios: Smbios, current: unknown): string {
  const is = parseProperties(current, 'uuid')
  const kept = [...is].map(([key, value]): [string, string] =>
    key === 'uuid' || key === 'base64' || is.get('base64') === '1' ? [key, value] : [key, base64(value)],
  )
  const texts = Object.entries(smbios).map(([key, value]) => [key, base64(String(value))] as const)
  const all = withProperties(new Map(kept), { base64: true, ...Object.fromEntries(texts) })
  return formatProperties(all, '')
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
