// Compares a machine of the manifest with its guest: no change, changes in place, or a conflict. Pure.
import type { ProvisionError } from '../../errors.ts'
import { type Marker, readText, writeDescription } from '../../facts/cluster/marker.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import { isCloudInitDrive } from '../../manifest/machine-disks.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { Change } from '../change/change.ts'
import { changeText } from '../change/change-text.ts'
import { isUnlisted } from '../change/effects.ts'
import { growthOf, sizeOfDisk } from '../config/disk-config.ts'
import { wantedConfig } from '../config/machine-config.ts'
import { parseNetworkCard, textOf } from '../config/property-string.ts'
import { sizeText } from '../config/size-text.ts'
import type { Counts, WantedConfig } from '../config/wanted-config.ts'
import { changedExpiry, expiryChange } from '../day-two/expiry.ts'
import { DRIVE_KEYS } from '../first-boot/first-boot-change.ts'
import { passwordHash } from '../first-boot/password-hash.ts'
import { CLOUD_INIT_DRIVE } from '../first-boot/proxmox-keys.ts'
import type { Difference } from '../plan.ts'
import { conflictOf } from './compare-conflict.ts'
import { compareHa, type HaChange } from './compare-ha.ts'
import { type Affected, describeChange, withEffect } from './describe-change.ts'
import { differencesOf, lacksDrive, rememberedKeys } from './differences.ts'
import { placeOfDrive } from './drive-words.ts'
import { diskMarks, removedDisks } from './own-disks.ts'
import { awaitedEntry, awaitedKeys, awaitsOf, pendingChanges } from './pending.ts'
import { sameValue } from './same-value.ts'
import { passwordPart, specHash, UNFINISHED } from './spec-hash.ts'

export interface Verdict {
  readonly action: 'keep' | 'update' | 'conflict'
  /** Config keys to set. They contain secrets, so never display them. */
  readonly set: Readonly<Record<string, string | number>>
  readonly remove: readonly string[]
  /** Disks to grow, with their wanted size in bytes. */
  readonly grow: Readonly<Record<string, number>>
  /** The wanted pool, if the guest is in another one or in none. */
  readonly pool?: string
  /** The change of the HA settings. */
  readonly ha?: HaChange
  /** The same changes with keys of the manifest and without secrets, for the user's approval. */
  readonly changes: readonly Change[]
  /** Earlier changes that wait for a restart or a boot. */
  readonly pending: readonly Change[]
  /** Differences that stay, because an apply does not change them. */
  readonly differences: readonly Difference[]
  /** Network cards that Proxmox would unplug from a running machine because of their change. */
  readonly replug: readonly string[]
  /** The differences as one clause without secrets. */
  readonly why: string
  readonly problem?: ProvisionError
}

export interface CompareOptions {
  readonly project: string
  /** The time for a lifetime that begins with this change. Needed only if the result is written to the guest. */
  readonly nowMs?: number
}

/**
 * Compares only what the manifest sets with the current config. A machine whose creation was interrupted is compared
 * completely.
 */
export function compareMachine(machine: Machine, guest: GuestFacts, { project, nowMs = 0 }: CompareOptions): Verdict {
  const all = guest.marker.spec === UNFINISHED
  const counts: Counts = (key) => all || machine.declared.has(key)
  const is: Marker = { ...guest.marker, project }
  const removed = removedDisks(machine, guest)
  const wanted: WantedConfig = {
    ...lostDrive(machine, guest),
    ...withoutUnread(wantedConfig(machine, guest.config, is, { all }), machine, guest),
    ...restoredHotplug(guest),
    ...Object.fromEntries(removed.map((key) => [key, null])),
  }
  const grow = growthOf(machine, guest.config, counts)
  const expiry = expiryChange(machine, guest)
  const changed = changedKeys(wanted, { guest, project, all: all || expiry !== undefined })
  const pool = counts('pool') && machine.pool !== undefined && machine.pool !== guest.pool ? machine.pool : undefined
  const ha = compareHa(machine, guest)
  const problem = conflictOf(machine, guest)
  const affected = affectedOf(machine, guest)
  const ours = [
    ...configChanges(wanted, changed, { guest, affected }),
    ...growth(grow, { guest, affected }),
    ...(expiry === undefined ? [] : [withEffect(expiry, affected)]),
  ]
  const beside = besideChanges({ pool, ha }, { guest, affected })
  const isSame = changed.length + Object.keys(grow).length + beside.length === 0
  // Computed only if it is written, because it takes as long as the comparison itself.
  const marker = isSame ? is : declaredAs(expiry === undefined ? is : changedExpiry(is, machine, nowMs), machine)
  const { set, remove } = splitChanges(wanted, changed)
  const changes = [...ours, ...beside]
  return {
    action: problem ? 'conflict' : isSame ? 'keep' : 'update',
    set: 'description' in set ? { ...set, ...markedAs(marker, { machine, guest, changes, set, removed, all }) } : set,
    remove,
    replug: affected.running ? changed.filter((key) => unplugs(key, guest.config[key], wanted[key])) : [],
    grow,
    ...(pool !== undefined && { pool }),
    ...(ha && { ha }),
    changes,
    pending: pendingChanges(guest, affected),
    differences: differencesOf(machine, guest),
    why: whyOf({ ours, beside, isSame }, { guest, marker, all, problem }),
    ...(problem && { problem }),
  }
}

function declaredAs(is: Marker, machine: Machine): Marker {
  const { file } = machine
  return { ...is, spec: specHash(machine, is.project), ...(file !== undefined && { file }) }
}

/**
 * Adds the drive that cloud-init reads, if a user removed it. Not while its removal waits for a restart: until then, its
 * volume is in use. An adopted machine (its build is not known) may never have had one.
 */
function lostDrive({ cloudInit, storage }: Machine, { config, pending = [], marker }: GuestFacts): WantedConfig {
  const isFree = ['', 'none'].includes(textOf(config[CLOUD_INIT_DRIVE]).split(',', 1)[0] ?? '')
  const isThere = Object.values(config).some(isCloudInitDrive)
  const isLeaving = pending.some(({ key }) => key === CLOUD_INIT_DRIVE)
  if (cloudInit === undefined || marker.base === '' || !isFree || isThere || isLeaving) return {}
  return { [CLOUD_INIT_DRIVE]: `${storage.disks}:cloudinit` }
}

/** Leaves out settings of cloud-init that no drive would pass on. The difference is reported. */
function withoutUnread(wanted: WantedConfig, machine: Machine, guest: GuestFacts): WantedConfig {
  if (!lacksDrive(machine, guest)) return wanted
  return Object.fromEntries(Object.entries(wanted).filter(([key]) => key === 'name' || !DRIVE_KEYS.test(key)))
}

/** Restores the `hotplug` option if a run was killed while it was changing network cards. */
function restoredHotplug({ marker: { hotplug } }: GuestFacts): WantedConfig {
  return hotplug === undefined ? {} : { hotplug: hotplug === '' ? null : hotplug }
}

/** Returns true if Proxmox would unplug the card and plug in another (qemu-server `vmconfig_update_net`). */
function unplugs(key: string, is: unknown, wanted: unknown): boolean {
  if (!/^net\d+$/.test(key) || is === undefined || wanted === null || wanted === undefined) return false
  const [before, after] = [parseNetworkCard(is), parseNetworkCard(wanted)]
  return ['model', 'macaddr', 'queues', 'mtu'].some((option) => before.get(option) !== after.get(option))
}

interface Marked {
  readonly machine: Machine
  readonly guest: GuestFacts
  readonly changes: readonly Change[]
  readonly set: Readonly<Record<string, string | number>>
  readonly removed: readonly string[]
  readonly all: boolean
}

/** Returns the description with the marker after the change. */
function markedAs(
  marker: Marker,
  { machine, guest, changes, set, removed, all }: Marked,
): { readonly description: string } {
  const { awaits: _, hotplug: __, disks: ___, detached: ____, ...rest } = marker
  const unread = changes.filter(isUnread).map(awaitedEntry)
  const awaits = awaitsOf(guest, [...awaitedKeys(guest), ...unread])
  const whole: Marker = {
    ...rest,
    vmid: guest.vmid,
    keys: rememberedKeys(machine, guest),
    ...diskMarks(machine, { removed, guest, all }),
    ...(awaits !== undefined && { awaits }),
  }
  return { description: writeDescription(whole, readText(set.description)) }
}

/** Returns true for a change that the guest applies later and that no list of Proxmox contains. */
function isUnread({ key, when, impact }: Change): boolean {
  if (isUnlisted(key)) return when === 'restart'
  return when === 'boot' || (impact === 'new-instance' && when !== 'restart')
}

interface Compared {
  readonly guest: GuestFacts
  readonly project: string
  readonly all: boolean
}

function changedKeys(wanted: WantedConfig, { guest, project, all }: Compared): readonly string[] {
  const changed = Object.keys(wanted).filter((key) => {
    if (key === 'cipassword' && guest.config[key] !== undefined)
      return passwordPart(guest.marker.spec) !== passwordHash(String(wanted[key]), project)
    return !sameValue(key, guest.config[key], wanted[key] ?? null)
  })
  // The marker stores what was declared, so it is written with every change. It also ends an unfinished creation.
  return changed.length === 0 && !all ? [] : [...new Set([...changed, 'description'])]
}

function splitChanges(wanted: WantedConfig, changed: readonly string[]): Pick<Verdict, 'set' | 'remove'> {
  const entries = changed.map((key) => [key, wanted[key] ?? null] as const)
  return {
    set: Object.fromEntries(entries.flatMap(([key, value]) => (value === null ? [] : [[key, value]]))),
    remove: entries.flatMap(([key, value]) => (value === null ? [key] : [])),
  }
}

/**
 * Returns what determines when a machine's changes take effect: if it runs, and which changes it can apply while
 * running.
 */
export function affectedOf(machine: Affected['machine'], { status, config }: GuestFacts): Affected {
  return {
    running: status === 'running',
    hotplug: config.hotplug,
    hasProxmoxDrive: Object.values(config).some(isCloudInitDrive),
    machine,
    config,
  }
}

interface Place {
  readonly guest: GuestFacts
  readonly affected: Affected
}

/** Returns one entry for each key of the manifest, even if several keys of Proxmox belong to it. */
function configChanges(
  wanted: WantedConfig,
  changed: readonly string[],
  { guest, affected }: Place,
): readonly Change[] {
  const changes = changed.flatMap((key) =>
    describeChange({ key, before: guest.config[key], after: wanted[key] ?? null }, affected),
  )
  return [...new Map(changes.map((change) => [change.key, change])).values()]
}

function growth(grow: Readonly<Record<string, number>>, { guest, affected }: Place): readonly Change[] {
  return Object.entries(grow).map(([disk, bytes]) => {
    const key = `${placeOfDrive(disk, affected.machine, guest.config)}.size`
    const has = sizeOfDisk(guest.config, disk)
    return withEffect({ key, ...(has !== undefined && { before: sizeText(has) }), after: sizeText(bytes) }, affected)
  })
}

function besideChanges(
  { pool, ha }: { readonly pool: string | undefined; readonly ha: HaChange | undefined },
  { guest, affected }: Place,
): readonly Change[] {
  const raw = [
    ...(pool === undefined
      ? []
      : [{ key: 'pool', ...(guest.pool !== undefined && { before: guest.pool }), after: pool }]),
    ...(ha?.changes ?? []),
  ]
  return raw.map((one) => withEffect(one, affected))
}

interface Judged {
  readonly guest: GuestFacts
  /** The wanted marker. */
  readonly marker: Marker
}

interface Found {
  readonly ours: readonly Change[]
  readonly beside: readonly Change[]
  readonly isSame: boolean
}

function whyOf(
  { ours, beside, isSame }: Found,
  { guest, marker, all, problem }: Judged & { readonly all: boolean; readonly problem: ProvisionError | undefined },
): string {
  const where = `${guest.vmid} on ${guest.node}`
  if (problem !== undefined && isSame) return 'what changed in the manifest cannot be changed in place'
  if (all) return `${where} was created but not finished`
  if (isSame) return `${where} is as declared`
  const words = [...withOrigin(ours.map(changeText), { guest, marker }), ...beside.map(changeText)]
  return words.length === 0 ? `the marker of ${where} is rewritten` : words.join(', ')
}

/**
 * The marker contains what was declared last. If the declaration has not changed, the value was changed in Proxmox. HA
 * settings are not part of the marker.
 */
function withOrigin(changes: readonly string[], { guest, marker }: Judged): readonly string[] {
  const drifted = guest.marker.spec === marker.spec
  return drifted && changes.length > 0 ? [`${changes.join(', ')} (changed in Proxmox, not in the manifest)`] : changes
}
