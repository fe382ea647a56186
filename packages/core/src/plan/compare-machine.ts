// The verdict on a machine that exists: as declared, to be changed in place, or impossible to change. Pure.
import { ProvisionError } from '../errors.ts'
import type { GuestFacts } from '../facts/facts.ts'
import { type Marker, readMarker, readText } from '../facts/marker.ts'
import type { Machine } from '../manifest/manifest.ts'
import { type Config, diskKey, wantedConfig } from './machine-config.ts'
import { hash16 } from './names.ts'
import { diskSizeBytes, isOn, parseProperties } from './property-string.ts'

export interface Verdict {
  readonly action: 'keep' | 'update' | 'conflict'
  /** Config keys to set. Holds secrets: never to be shown. */
  readonly set: Readonly<Record<string, string | number>>
  readonly remove: readonly string[]
  /** Disks to grow, to so many bytes. */
  readonly grow: Readonly<Record<string, number>>
  readonly why: string
  readonly notes: readonly string[]
  readonly problem?: ProvisionError
}

export interface CompareOptions {
  readonly project: string
  /** The base that a machine made today would have. */
  readonly base?: string
}

/** Compares only what the manifest declares with what is. */
export function compareMachine(machine: Machine, guest: GuestFacts, { project, base }: CompareOptions): Verdict {
  const marker: Marker = { ...guest.marker, project, spec: specHash(machine) }
  const wanted = wantedConfig(machine, guest.config, marker)
  const changed = Object.entries(wanted).filter(([key, value]) => !isSame(key, value, { current: guest.config[key], guest, marker }))
  const grow = growthOf(machine, guest.config)
  const problem = problemOf(machine, guest)
  const remove = changed.flatMap(([key, value]) => (value === null ? [key] : []))
  const set = Object.fromEntries(changed.flatMap(([key, value]) => (value === null ? [] : [[key, value]])))
  const names = [...changed.map(([key]) => key), ...Object.keys(grow).map((key) => `size of ${key}`)]
  const notes = base !== undefined && base !== guest.marker.base ? [olderBase(machine)] : []
  const action = problem ? 'conflict' : names.length > 0 ? 'update' : 'keep'
  return { action, set, remove, grow, notes, why: `${names.join(', ')} ${names.length === 1 ? 'differs' : 'differ'}`, ...(problem && { problem }) }
}

/** What the manifest declares, as a hash: a changed password shows here, where Proxmox shows asterisks. */
export function specHash({ name, cloudInit }: Machine): string {
  return hash16(JSON.stringify([name, cloudInit?.password ?? null]))
}

function olderBase({ name, image }: Machine): string {
  return `${name} runs an older ${image}; it stays as it is. A new one: apply --replace ${name}`
}

interface Comparison {
  readonly current: unknown
  readonly guest: GuestFacts
  readonly marker: Marker
}

function isSame(key: string, wanted: string | number | null, { current, guest, marker }: Comparison): boolean {
  if (wanted === null) return current === undefined
  // Proxmox masks it; that it changed shows in the marker's spec hash.
  if (key === 'cipassword') return current !== undefined && guest.marker.spec === marker.spec
  if (current === undefined) return isDefault(key, wanted)
  if (key === 'tags') return sameSet(String(current), String(wanted), /[;, ]+/)
  if (key === 'nameserver') return sameSet(String(current), String(wanted), /[ ,]+/)
  if (key === 'description') return sameDescription(String(current), String(wanted))
  if (key === 'sshkeys') return sameKeys(String(current), String(wanted))
  if (key === 'agent') return isOn(firstOf(String(current), 'enabled')) === isOn(firstOf(String(wanted), 'enabled'))
  if (/^(net|scsi|ipconfig)\d+$/.test(key) || key === 'startup' || key === 'boot') return sameProperties(String(current), String(wanted))
  return String(current).trim() === String(wanted).trim()
}

const DEFAULTS: Readonly<Record<string, string>> = {
  sockets: '1',
  cores: '1',
  numa: '0',
  onboot: '0',
  protection: '0',
  bios: 'seabios',
  agent: 'enabled=0',
  ciupgrade: '1',
  vga: 'std',
}

function isDefault(key: string, wanted: string | number): boolean {
  return DEFAULTS[key] === String(wanted)
}

function sameSet(one: string, other: string, separator: RegExp): boolean {
  const normal = (text: string) => [...new Set(text.toLowerCase().split(separator).filter((entry) => entry !== ''))].sort().join(' ')
  return normal(one) === normal(other)
}

function sameDescription(current: string, wanted: string): boolean {
  const markers = [readMarker(current), readMarker(wanted)].map((marker) => JSON.stringify(marker, MARKER_KEYS))
  return markers[0] === markers[1] && readText(current) === readText(wanted)
}

const MARKER_KEYS = ['project', 'name', 'kind', 'image', 'base', 'spec', 'storage']

function sameKeys(current: string, wanted: string): boolean {
  const normal = (text: string) => decodeURIComponent(text).split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '').join('\n')
  return normal(current) === normal(wanted)
}

function firstOf(text: string, key: string): string | undefined {
  return parseProperties(text, key).get(key)
}

/** The same pairs, whatever their order, MACs and model names in any case. */
function sameProperties(current: string, wanted: string): boolean {
  const normal = (text: string) =>
    [...parseProperties(text, '')].map(([key, value]) => `${key}=${/^([0-9a-f]{2}:){5}/i.test(value) ? value.toUpperCase() : value}`).sort().join(',')
  return normal(current) === normal(wanted)
}

function growthOf({ disk, disks, declared }: Machine, config: Config): Readonly<Record<string, number>> {
  const all = [...(declared.has('disk') ? [disk] : [{}]), ...disks]
  return Object.fromEntries(
    all.flatMap(({ sizeBytes }: { readonly sizeBytes?: number }, index) => {
      const has = currentSize(config, diskKey(index))
      return sizeBytes !== undefined && has !== undefined && sizeBytes > has ? [[diskKey(index), sizeBytes]] : []
    }),
  )
}

function currentSize(config: Config, key: string): number | undefined {
  const drive = config[key]
  return typeof drive === 'string' ? diskSizeBytes(parseProperties(drive, 'file').get('size')) : undefined
}

function problemOf(machine: Machine, { config, marker, vmid }: GuestFacts): ProvisionError | undefined {
  const hint = `Undo the change in the manifest, or make the machine anew, with the loss of what is on it: apply --replace ${machine.name}`
  const conflict = (sentence: string) => new ProvisionError('CONFLICT', sentence, { hint })
  if (marker.image !== machine.image) return conflict(`${machine.name} (${vmid}) is made from ${marker.image}; its image cannot be changed to ${machine.image} in place.`)
  const drive = config[diskKey(0)]
  const storage = typeof drive === 'string' ? drive.split(':', 1)[0] : undefined
  if (storage !== undefined && storage !== machine.storage.disks) return conflict(`The disk of ${machine.name} (${vmid}) is on ${storage}; it is not moved to ${machine.storage.disks}.`)
  const [wanted, has] = [machine.disk.sizeBytes, currentSize(config, diskKey(0))]
  if (wanted !== undefined && has !== undefined && wanted < has) return conflict(`The disk of ${machine.name} (${vmid}) has ${has / 1024 ** 3} GiB; Proxmox cannot shrink it to ${wanted / 1024 ** 3} GiB.`)
  return undefined
}
