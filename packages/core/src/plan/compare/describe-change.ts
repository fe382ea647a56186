// Translates a difference in Proxmox's config into keys of the manifest, with the values before and after.
import { OWNER_TAG, readText } from '../../facts/cluster/marker.ts'
import { CD_DRIVES } from '../../manifest/machine-disks.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { type Change, type ChangeValue, SECRET } from '../change/change.ts'
import { type Effect, effectOf, isUnlisted } from '../change/effects.ts'
import { isCd, mappingOf } from '../config/device-config.ts'
import { imageOfDrive } from '../config/image-drives.ts'
import { type Properties, parseNetworkCard, parseProperties, parseTags, textOf } from '../config/property-string.ts'
import { sizeText } from '../config/size-text.ts'
import type { Config } from '../config/wanted-config.ts'
import { CLOUD_INIT_DRIVE, decodeKeys } from '../first-boot/proxmox-keys.ts'
import { isOtherInstance } from '../first-boot/seed-documents.ts'
import {
  CARD_OPTIONS,
  DISPLAY_OPTIONS,
  DRIVE_OPTIONS,
  type Options,
  optionChanges,
  RANDOM_OPTIONS,
  type RawChange,
  raw,
  START_OPTIONS,
  WATCHDOG_OPTIONS,
} from './describe-options.ts'
import { driveText, placeOfDrive, storageOf } from './drive-words.ts'
import { DEFAULTS, isOn, memoryOf, words } from './same-value.ts'

/** The properties of a machine that determine when a change takes effect. */
export interface Affected {
  readonly running: boolean
  /** Proxmox's `hotplug` option, if it is set. */
  readonly hotplug?: unknown
  /** True if Proxmox writes the documents that cloud-init reads. */
  readonly hasProxmoxDrive: boolean
  /** The declared machine, for the names of its drives and addresses. */
  readonly machine: Pick<Machine, 'declared' | 'disks'>
  /** The current config. It shows which drive is which disk of the manifest. */
  readonly config: Config
}

/** One config key with its current and its wanted value. `null` means that it is removed. */
export interface ConfigChange {
  readonly key: string
  readonly before: unknown
  readonly after: string | number | null
}

/** Returns the changes of one config key: several for a network card or a drive, none if only the marker changes. */
export function describeChange(change: ConfigChange, affected: Affected): readonly Change[] {
  const describe = DESCRIBERS.find(([pattern]) => pattern.test(change.key))?.[1] ?? plainly
  const before = change.before ?? DEFAULTS[change.key]
  const changes = describe({ ...change, before }, affected).map((raw) => withEffect(raw, affected))
  return asOne(withInstance(changes, change))
}

/** Proxmox applies all options of a card or drive together. If one is pending, all are. */
function asOne(changes: readonly Change[]): readonly Change[] {
  const waits = changes.some(({ key, when }) => when === 'restart' && !isUnlisted(key))
  return waits ? changes.map((change) => ({ ...change, when: 'restart' })) : changes
}

/** Another ISO is not always a new instance for cloud-init. Its file name shows that. */
function withInstance(changes: readonly Change[], { key, before, after }: ConfigChange): readonly Change[] {
  if (key !== CLOUD_INIT_DRIVE || isOtherInstance(textOf(before), textOf(after))) return changes
  return changes.map((change) => ({ ...change, impact: undefined }))
}

/** Adds to a change when it takes effect and what it does to the guest. */
export function withEffect(raw: RawChange, affected: Affected): Change {
  const { running, hotplug, hasProxmoxDrive } = affected
  // Not a key of the manifest: an interrupted run left it changed.
  const effect = raw.key === 'hotplug' ? ({ takes: 'now' } satisfies Effect) : effectOf(raw.key)
  const takes = effect?.takes ?? 'restart'
  const isHeld = effect?.hotplug !== undefined && !hotplugs(hotplug, effect.hotplug)
  const waits = takes === 'restart' || isHeld || isBalloonDevice(raw) || isSataDisk(raw, affected)
  const when = running && (waits || isNewDrive(raw)) ? 'restart' : takes === 'boot' ? 'boot' : 'now'
  const unplugs = running && when === 'now' && raw.after === undefined && /^network\[\d+\]$/.test(raw.key)
  const isInstance = hasProxmoxDrive && /^network\[\d+\]\.mac$/.test(raw.key)
  const isDetached = raw.after === undefined && isWholeDisk(raw)
  const impact = unplugs ? 'disconnects' : isInstance ? 'new-instance' : isDetached ? 'detached' : effect?.impact
  return { ...raw, when, ...(impact && { impact }) }
}

/** Returns true if the machine's `hotplug` option includes this. Unset and `1` include both. */
function hotplugs(option: unknown, what: 'network' | 'disk'): boolean {
  const text = textOf(option)
  if (text === '' || text === '1') return true
  return text.split(',').includes(what)
}

/** Adding or removing the balloon device needs a restart. Its size changes at once. */
function isBalloonDevice({ key, before, after }: RawChange): boolean {
  return key === 'balloon' && (before === false || after === false)
}

/** A CD drive cannot be added to a running VM. */
function isNewDrive({ key, before }: RawChange): boolean {
  return key === 'cloudInit' && before === undefined
}

/** Returns true if a whole disk is added or removed. */
function isWholeDisk({ key }: RawChange): boolean {
  return /^disks\[[^\]]+\]$/.test(key)
}

/** SATA disks are added and removed only by a restart (qemu-server `vmconfig_hotplug_pending`). */
function isSataDisk(raw: RawChange, { machine }: Affected): boolean {
  if (!isWholeDisk(raw)) return false
  const place = raw.key.slice('disks['.length, -1)
  return (machine.disks[Number(place)]?.bus ?? place).startsWith('sata')
}

type Describe = (change: ConfigChange, affected: Affected) => readonly RawChange[]

const DESCRIBERS: readonly (readonly [RegExp, Describe])[] = [
  [/^cipassword$/, ({ before, after }) => [raw('cloudInit.password', before && SECRET, after && SECRET)]],
  [/^sshkeys$/, valuesOf('cloudInit.sshKeys', (value) => decodeKeys(textOf(value)).map(shortKey))],
  [/^ciuser$/, valuesOf('cloudInit.user', textOf)],
  [/^ciupgrade$/, valuesOf('cloudInit.upgrade', flagOf)],
  [/^nameserver$/, valuesOf('cloudInit.dns.servers', words)],
  [/^searchdomain$/, valuesOf('cloudInit.dns.domain', textOf)],
  [/^ipconfig\d+$/, addressChanges],
  [/^ide2$/, documentChanges],
  [/^net\d+$/, cardChanges],
  [/^(scsi|virtio|sata|ide)\d+$/, driveChanges],
  [/^efidisk0$/, ({ after }) => [raw('bios', 'seabios', `ovmf, EFI disk on ${storageOf(after)}`)]],
  [/^tpmstate0$/, ({ after }) => [raw('tpm', false, `yes, on ${storageOf(after)}`)]],
  [/^memory$/, valuesOf('memory', (value) => sizeText(memoryOf(value) * MIB))],
  [/^balloon$/, valuesOf('balloon', (value) => (Number(value) === 0 ? false : sizeText(Number(value) * MIB)))],
  [/^(cores|sockets)$/, ({ key, before, after }) => [raw(key, numberOf(before), numberOf(after))]],
  [/^numa$/, valuesOf('numa', flagOf)],
  [/^onboot$/, valuesOf('onBoot', flagOf)],
  [/^protection$/, valuesOf('protection', flagOf)],
  [/^agent$/, valuesOf('agent', (value) => isOn(parseProperties(value, 'enabled').get('enabled')))],
  [/^serial0$/, ({ after }) => [raw('serial', after === null, after !== null)]],
  [/^vga$/, displayChanges],
  [/^(hostpci|usb|virtiofs)\d+$/, deviceChanges],
  [/^rng0$/, optionsOf('rng', RANDOM_OPTIONS, 'source')],
  [/^watchdog$/, optionsOf('watchdog', WATCHDOG_OPTIONS, 'model')],
  [/^smbios1$/, smbiosChanges],
  [/^cpulimit$/, valuesOf('cpuLimit', Number)],
  [/^cpuunits$/, valuesOf('cpuUnits', Number)],
  [/^ostype$/, valuesOf('osType', textOf)],
  [/^startup$/, startOrderChanges],
  [/^boot$/, valuesOf('boot', bootOrderOf)],
  [/^tags$/, valuesOf('tags', (value) => parseTags(value).filter((tag) => tag !== OWNER_TAG))],
  [/^description$/, descriptionChanges],
]

const MIB = 1024 ** 2

function plainly({ key, before, after }: ConfigChange): readonly RawChange[] {
  return [raw(key, textOf(before) || undefined, after ?? undefined)]
}

function valuesOf(key: string, read: (value: unknown) => ChangeValue): Describe {
  const readIf = (value: unknown) => (value === undefined || value === null || value === '' ? undefined : read(value))
  return ({ before, after }) => [raw(key, readIf(before), readIf(after))]
}

/** Something that is added or removed as a whole is one change. */
function optionsOf(key: string, options: Options, main: string): (change: ConfigChange) => readonly RawChange[] {
  const read = (value: unknown) => (value === undefined || value === null || value === '' ? undefined : value)
  return ({ before, after }) => {
    const [is, wanted] = [read(before), read(after)]
    if (is === undefined || wanted === undefined) return [raw(key, is && textOf(is), wanted)]
    return optionChanges(key, options, [parseProperties(is, main), parseProperties(wanted, main)])
  }
}

function numberOf(value: unknown): number | undefined {
  return value === undefined || value === null ? undefined : Number(value)
}

function flagOf(value: unknown): boolean {
  return isOn(textOf(value))
}

const describeDisplay = optionsOf('vga', DISPLAY_OPTIONS, 'type')

/** If the manifest sets no display, the serial console is the display. */
function displayChanges({ before, after }: ConfigChange, { machine }: Affected): readonly RawChange[] {
  if (machine.declared.has('vga')) return describeDisplay({ key: 'vga', before, after })
  return [raw('serial', textOf(after) !== 'serial0', textOf(after) === 'serial0')]
}

function deviceChanges({ key, before, after }: ConfigChange): readonly RawChange[] {
  const kind = key.startsWith('hostpci') ? 'pci' : key.startsWith('usb') ? 'usb' : 'virtiofs'
  const nameOf = (value: unknown) =>
    value === undefined || value === null ? undefined : `${kind} ${mappingOf(kind, value) ?? textOf(value)}`
  return [raw(`devices[${key}]`, nameOf(before), nameOf(after))]
}

/** The texts are base64, which people cannot read, so they are decoded. */
function smbiosChanges({ before, after }: ConfigChange): readonly RawChange[] {
  const [is, wanted] = [smbiosTexts(before), smbiosTexts(after)]
  return [...new Set([...is.keys(), ...wanted.keys()])]
    .filter((key) => is.get(key) !== wanted.get(key))
    .map((key) => raw(`smbios.${key}`, is.get(key), wanted.get(key)))
}

function smbiosTexts(value: unknown): ReadonlyMap<string, string> {
  const { base64, uuid: _, ...texts } = Object.fromEntries(parseProperties(value, 'uuid'))
  const read = (text: string) =>
    base64 === '1' ? new TextDecoder().decode(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))) : text
  return new Map(Object.entries(texts).map(([key, text]) => [key, read(text)]))
}

function bootOrderOf(value: unknown): ChangeValue {
  const order = parseProperties(value, 'legacy').get('order')
  return order === undefined ? textOf(value) : order.split(';')
}

/** Compares only the user's text. The marker in a description changes with other keys and is not a change itself. */
function descriptionChanges({ before, after }: ConfigChange): readonly RawChange[] {
  const [is, wanted] = [readText(before), readText(after)]
  return is === wanted ? [] : [raw('description', is, wanted)]
}

/** `ssh-ed25519 …ZoITTcC ops@desk` */
function shortKey(key: string): string {
  const [type = '', body = '', ...comment] = key.split(/\s+/)
  return [type, `…${body.slice(-8)}`, ...comment].join(' ')
}

function documentChanges({ before, after }: ConfigChange): readonly RawChange[] {
  const nameOf = (drive: unknown) => {
    const file = parseProperties(drive, 'file').get('file')
    if (file === undefined) return undefined
    return file.includes('cloudinit') ? 'drive from Proxmox' : 'CD from pve-provision'
  }
  return [raw('cloudInit', nameOf(before), nameOf(after))]
}

const ADDRESS_KEYS = { ip: 'ip', gw: 'gateway', ip6: 'ip6', gw6: 'gateway6' } as const

function addressChanges(
  { key, before, after }: ConfigChange,
  { machine: { declared } }: Affected,
): readonly RawChange[] {
  const index = Number(key.slice('ipconfig'.length))
  const isOnly = declared.has('cloudInit.ip') || declared.has('cloudInit.ip6')
  const place = isOnly && index === 0 ? 'cloudInit' : `cloudInit.addresses[${index}]`
  const [is, wanted] = [parseProperties(before, ''), parseProperties(after, '')]
  return Object.entries(ADDRESS_KEYS).flatMap(([name, word]) =>
    is.get(name) === wanted.get(name) ? [] : [raw(`${place}.${word}`, is.get(name), wanted.get(name))],
  )
}

function startOrderChanges({ before, after }: ConfigChange): readonly RawChange[] {
  return optionChanges('startOrder', START_OPTIONS, [parseProperties(before, 'order'), parseProperties(after, 'order')])
}

function cardChanges({ key, before, after }: ConfigChange): readonly RawChange[] {
  const place = `network[${key.slice('net'.length)}]`
  const [is, wanted] = [parseNetworkCard(before), parseNetworkCard(after)]
  if (before === undefined) return [raw(place, undefined, cardText(wanted))]
  if (after === null) return [raw(place, cardText(is), undefined)]
  return optionChanges(place, CARD_OPTIONS, [is, wanted])
}

/** `virtio on vmbr0, VLAN 7` */
function cardText(card: Properties): string {
  const tag = card.get('tag')
  return `${card.get('model') ?? 'virtio'} on ${card.get('bridge') ?? 'no bridge'}${tag === undefined ? '' : `, VLAN ${tag}`}`
}

function driveChanges({ key, before, after }: ConfigChange, { machine, config }: Affected): readonly RawChange[] {
  const disc = CD_DRIVES.indexOf(key as (typeof CD_DRIVES)[number])
  if (disc >= 0 && (isCd(before) || isCd(after))) return [raw(`cdrom[${disc}]`, fileOf(before), fileOf(after))]
  const place = placeOfDrive(key, machine, config)
  if (before === undefined) return [raw(place, undefined, driveText(after))]
  if (after === null) return [raw(place, driveText(before), undefined)]
  return optionChanges(place, DRIVE_OPTIONS, [parseProperties(before, 'file'), parseProperties(after, 'file')])
}

function fileOf(drive: unknown): string | undefined {
  const file = parseProperties(drive, 'file').get('file')
  return imageOfDrive(drive) ?? (file === 'none' ? undefined : file)
}
