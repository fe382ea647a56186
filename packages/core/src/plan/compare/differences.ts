// Finds differences that an apply leaves alone, because the user must ask for them explicitly.
import { OWNER_TAG, readText } from '../../facts/cluster/marker.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import { BOOT_DISK, CD_DRIVES, isCloudInitDrive } from '../../manifest/machine-disks.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { ChangeValue } from '../change/change.ts'
import { isCd } from '../config/device-config.ts'
import { parseProperties, parseTags, textOf } from '../config/property-string.ts'
import { diskMoves, movesLive, readsTemplate } from '../day-two/disk-moves.ts'
import { CLOUD_INIT_DRIVE } from '../first-boot/proxmox-keys.ts'
import { seedReasons } from '../first-boot/seed-documents.ts'
import { isStartedByHa } from '../machine/power.ts'
import type { Difference } from '../plan.ts'
import { driveText } from './drive-words.ts'
import { foreignDisks } from './own-disks.ts'
import { UNFINISHED } from './spec-hash.ts'

/** Returns the differences, each with a hint that says how to change it. */
export function differencesOf(machine: Machine, guest: GuestFacts): readonly Difference[] {
  return [
    ...nodeDifference(machine, guest),
    ...storageDifferences(machine, guest),
    ...surplusDisks(machine, guest),
    ...firmwareDifferences(machine, guest),
    ...cloneDifference(machine, guest),
    ...leftBehind(machine, guest),
    ...startDifference(machine, guest),
    ...driveDifference(machine, guest),
    ...bootDiskDifference(machine, guest),
  ]
}

/** A start would change nothing: the machine is paused, or about to be started. */
function startDifference(machine: Machine, guest: GuestFacts): readonly Difference[] {
  const { vmid, node, isPaused } = guest
  if (machine.start && isPaused)
    return [
      {
        key: 'start',
        is: 'paused',
        declared: true,
        hint: `To resume it, as root on ${node}: qm resume ${vmid}`,
      },
    ]
  if (!isStartedByHa(machine, guest)) return []
  return [
    { key: 'start', is: false, declared: true, hint: 'The HA manager is set to start it, which takes some seconds.' },
  ]
}

function nodeDifference({ name, nodes, leftOutNodes: out = [] }: Machine, { node }: GuestFacts): readonly Difference[] {
  // The manifest allows a node that this run leaves out.
  if (nodes.includes(node) || out.includes(node)) return []
  return [
    {
      key: 'node',
      is: node,
      declared: nodes.join(' or '),
      hint: `To move it: pve-provision apply --move --only ${name}`,
    },
  ]
}

/**
 * Returns true for an adopted machine (its build is not known) without a drive for the settings of `cloudInit`. A new drive
 * would make cloud-init run as on a new machine, so it is not added.
 */
export function lacksDrive(machine: Machine, { config, marker }: GuestFacts): boolean {
  if (machine.cloudInit === undefined || marker.base !== '' || marker.spec === UNFINISHED) return false
  // This program attaches a CD, which is a change.
  if (seedReasons(machine).length > 0) return false
  return !Object.values(config).some(isCloudInitDrive) && !textOf(config[CLOUD_INIT_DRIVE]).includes(':iso/')
}

function driveDifference(machine: Machine, guest: GuestFacts): readonly Difference[] {
  if (!lacksDrive(machine, guest)) return []
  const { vmid, node } = guest
  return [
    {
      key: 'cloudInit',
      is: 'without a drive',
      declared: 'settings for the guest',
      hint: `The guest would not read them. To add the drive, as root on ${node}: qm set ${vmid} --${CLOUD_INIT_DRIVE} ${machine.storage.disks}:cloudinit. At its next start, cloud-init then runs as on a new machine.`,
    },
  ]
}

/** An adopted machine may have its boot disk at another position. */
function bootDiskDifference({ declared }: Machine, { config, marker }: GuestFacts): readonly Difference[] {
  if (!declared.has('disk') || marker.base !== '' || config[BOOT_DISK] !== undefined) return []
  const [device = 'another device'] = (parseProperties(config.boot, 'legacy').get('order') ?? '').split(';')
  return [
    {
      key: 'disk',
      is: device || 'another device',
      declared: BOOT_DISK,
      hint: `\`disk\` always is ${BOOT_DISK}. Remove it from the manifest, and change the disk in Proxmox.`,
    },
  ]
}

/** Disks are moved only on request. */
function storageDifferences(machine: Machine, guest: GuestFacts): readonly Difference[] {
  const isRunning = guest.status === 'running'
  const moves = diskMoves(machine, guest)
  const bootsElsewhere = moves.some(({ key }) => key === BOOT_DISK)
  // EFI variables, TPM and the cloud-init drive move together with the boot disk. The manifest has no key for their storage,
  // so an adopted machine (its build is not known) may have them where they were.
  const follow = bootsElsewhere || guest.marker.base === ''
  const told = moves.filter(({ place }) => !place.includes(' ') || !follow)
  return told.map((move) => {
    const how = !isRunning ? 'To move it: ' : movesLive(move) ? 'While it is running: ' : 'Once it is stopped: '
    return {
      key: move.place,
      is: move.from,
      declared: move.to,
      hint: `${how}pve-provision apply --move --only ${machine.name}`,
    }
  })
}

/** A disk that was added in Proxmox stays until the user detaches it. */
function surplusDisks(machine: Machine, guest: GuestFacts): readonly Difference[] {
  if (!machine.declared.has('disks') && !keysOf(guest).includes('disks')) return []
  const { vmid, config } = guest
  return foreignDisks(machine, guest).map((key) => ({
    key: `disks[${key}]`,
    is: driveText(config[key]),
    hint: `Detach it in Proxmox: qm set ${vmid} --delete ${key}. Its volume stays as an unused disk.`,
  }))
}

/** The content of an EFI disk and a TPM cannot be created again, so neither is changed or removed. */
function firmwareDifferences({ name, declared, firmware }: Machine, { config }: GuestFacts): readonly Difference[] {
  const enrolled = parseProperties(config.efidisk0, 'file').get('pre-enrolled-keys') === '1'
  const keysDiffer = declared.has('secureBoot') && config.efidisk0 !== undefined && enrolled !== firmware.secureBoot
  const hint = `Only a new VM can have it: pve-provision apply --replace ${name}`
  return [
    ...(declared.has('tpm') && !firmware.tpm && config.tpmstate0 !== undefined
      ? [{ key: 'tpm', is: true, declared: false, hint: `${hint}. The data in this TPM would be lost.` }]
      : []),
    ...(keysDiffer ? [{ key: 'secureBoot', is: enrolled, declared: firmware.secureBoot, hint }] : []),
  ]
}

/** A linked clone needs its template as long as it exists. */
function cloneDifference({ name, declared, fullClone }: Machine, { config }: GuestFacts): readonly Difference[] {
  if (!declared.has('fullClone') || !fullClone || !readsTemplate(textOf(config[BOOT_DISK]))) return []
  const hint = `Only a new VM can be one: pve-provision apply --replace ${name}. Moving the disk to another storage makes a full copy, too.`
  return [{ key: 'fullClone', is: false, declared: true, hint }]
}

/** Returns what a key left in Proxmox after it was removed from the manifest, or undefined if there is nothing. */
type Left = (guest: GuestFacts) => ChangeValue | undefined

/** Keys that add something. If one was removed from the manifest, its result is reported, with how to remove it. */
const GIVING: Readonly<Record<string, readonly [left: Left, hint: string]>> = {
  tags: [
    ({ config }) => some(parseTags(config.tags).filter((tag) => tag !== OWNER_TAG)),
    'To remove them, set `tags: []`.',
  ],
  description: [({ config }) => readText(config.description) || undefined, "To remove it, set `description: ''`."],
  protection: [({ config }) => isSet(config.protection), 'To remove it, set `protection: false`.'],
  onBoot: [({ config }) => isSet(config.onboot), 'To remove it, set `onBoot: false`.'],
  startOrder: [({ config }) => textOf(config.startup) || undefined, 'To remove it, set `startOrder: {}`.'],
  ha: [({ ha }) => (ha === undefined ? undefined : true), 'To remove it from HA, set `ha: false`.'],
  devices: [({ config }) => some(keysIn(config, /^(hostpci|usb|virtiofs)\d+$/)), 'To remove them, set `devices: []`.'],
  cdrom: [({ config }) => some(CD_DRIVES.filter((key) => isCd(config[key]))), 'To remove them, set `cdrom: []`.'],
  rng: [({ config }) => textOf(config.rng0) || undefined, 'To remove it, set `rng: false`.'],
  watchdog: [({ config }) => textOf(config.watchdog) || undefined, 'To remove it, set `watchdog: false`.'],
}

function leftBehind({ declared }: Machine, guest: GuestFacts): readonly Difference[] {
  return keysOf(guest).flatMap((key) => {
    const [left, hint] = GIVING[key] ?? []
    const is = declared.has(key) ? undefined : left?.(guest)
    return is === undefined || hint === undefined ? [] : [{ key, is, hint }]
  })
}

/** Returns the keys that the marker must store: those that are stated, and those that left something. */
export function rememberedKeys({ declared }: Machine, guest: GuestFacts): string {
  const left = keysOf(guest).filter((key) => GIVING[key]?.[0](guest) !== undefined || key === 'disks')
  const stated = [...Object.keys(GIVING), 'disks'].filter((key) => declared.has(key))
  return [...new Set([...stated, ...left])].sort().join(',')
}

function keysOf({ marker: { keys = '' } }: GuestFacts): readonly string[] {
  return keys === '' ? [] : keys.split(',')
}

function keysIn(config: GuestFacts['config'], pattern: RegExp): readonly string[] {
  return Object.keys(config).filter((key) => pattern.test(key))
}

function some(list: readonly string[]): readonly string[] | undefined {
  return list.length === 0 ? undefined : list
}

function isSet(value: unknown): true | undefined {
  return textOf(value) === '1' ? true : undefined
}
