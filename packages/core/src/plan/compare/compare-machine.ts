// The verdict on a machine that exists: as declared, to be changed in place, or impossible to change. Pure.
import type { ProvisionError } from '../../errors.ts'
import type { Marker } from '../../facts/cluster/marker.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { isCd } from '../config/device-config.ts'
import { diskKeys, growthOf, isDriveKey } from '../config/disk-config.ts'
import { wantedConfig } from '../config/machine-config.ts'
import { parseProperties, textOf } from '../config/property-string.ts'
import { sizeText } from '../config/size-text.ts'
import type { Counts, WantedConfig } from '../config/wanted-config.ts'
import { conflictOf } from './compare-conflict.ts'
import { compareHa, type HaChange } from './compare-ha.ts'
import { sameValue } from './same-value.ts'
import { declaredPart, passwordPart, specHash, UNFINISHED } from './spec-hash.ts'

export interface Verdict {
  readonly action: 'keep' | 'update' | 'conflict'
  /** Config keys to set. Holds secrets: never to be shown. */
  readonly set: Readonly<Record<string, string | number>>
  readonly remove: readonly string[]
  /** Disks to grow, to so many bytes. */
  readonly grow: Readonly<Record<string, number>>
  /** The pool it should be in, when it is in another or none. */
  readonly pool?: string
  /** What the HA manager is to be told. */
  readonly ha?: HaChange
  /** Of `set` and `remove`, what a running machine takes over when it is started anew. */
  readonly pendingReboot: readonly string[]
  /** What differs, as one clause without secrets. */
  readonly why: string
  /** Worth telling, but no reason to change anything. */
  readonly notes: readonly string[]
  readonly problem?: ProvisionError
}

export interface CompareOptions {
  readonly project: string
  /** The base that a machine made today would have. */
  readonly base?: string
}

/**
 * Compares what the manifest declares, and nothing else, with what is. A machine whose making was cut short is compared
 * with everything.
 */
export function compareMachine(machine: Machine, guest: GuestFacts, { project, base }: CompareOptions): Verdict {
  const all = guest.marker.spec === UNFINISHED
  const counts: Counts = (key) => all || machine.declared.has(key)
  const marker: Marker = { ...guest.marker, project, spec: specHash(machine, project) }
  const wanted = wantedConfig(machine, guest.config, marker, { all })
  const grow = growthOf(machine, guest.config, counts)
  const changed = changedKeys(wanted, { guest, marker, all })
  const pool = counts('pool') && machine.pool !== undefined && machine.pool !== guest.pool ? machine.pool : undefined
  const ha = compareHa(machine, guest)
  const problem = conflictOf(machine, guest)
  const beside = [...(pool === undefined ? [] : [`pool → ${pool}`]), ...(ha ? [ha.why] : [])]
  const changes = [...describeChanges(wanted, changed, guest), ...describeGrowth(grow)]
  const words = [...withOrigin(changes, { guest, marker }), ...beside]
  const why = whyOf(words, guest, all)
  return {
    action: problem ? 'conflict' : words.length > 0 ? 'update' : 'keep',
    ...splitChanges(wanted, changed),
    grow,
    ...(pool !== undefined && { pool }),
    ...(ha && { ha }),
    pendingReboot: guest.status === 'running' ? changed.filter((key) => !TAKES_EFFECT_AT_ONCE.test(key)) : [],
    why: problem && words.length === 0 ? 'what changed in the manifest cannot be changed in place' : why,
    notes: notesOf(machine, guest, base),
    ...(problem && { problem }),
  }
}

interface Compared {
  readonly guest: GuestFacts
  /** The marker as it should be. */
  readonly marker: Marker
  readonly all: boolean
}

function changedKeys(wanted: WantedConfig, { guest, marker, all }: Compared): readonly string[] {
  const changed = Object.keys(wanted).filter((key) => {
    if (key === 'cipassword') return guest.config[key] === undefined || !samePassword(guest.marker, marker)
    return !sameValue(key, guest.config[key], wanted[key] ?? null)
  })
  // The marker remembers what was declared, so it goes along with every change, and ends an unfinished one.
  return changed.length === 0 && !all ? [] : [...new Set([...changed, 'description'])]
}

function samePassword(is: Marker, wanted: Marker): boolean {
  return passwordPart(is.spec) === passwordPart(wanted.spec)
}

function splitChanges(wanted: WantedConfig, changed: readonly string[]): Pick<Verdict, 'set' | 'remove'> {
  const entries = changed.map((key) => [key, wanted[key] ?? null] as const)
  return {
    set: Object.fromEntries(entries.flatMap(([key, value]) => (value === null ? [] : [[key, value]]))),
    remove: entries.flatMap(([key, value]) => (value === null ? [key] : [])),
  }
}

// For all else Proxmox is asked: of cards and drives, a running machine takes over some options only.
const TAKES_EFFECT_AT_ONCE = /^(name|description|tags|onboot|startup|protection|nameserver|searchdomain)$/

/** Long or secret values are named, not shown. */
const UNSHOWN = /^(cipassword|sshkeys|description|(?:scsi|virtio|sata)\d+|efidisk0|tpmstate0|ide2)$/

function describeChanges(
  wanted: WantedConfig,
  changed: readonly string[],
  { config, marker }: GuestFacts,
): readonly string[] {
  const told = changed.filter((key) => key !== 'description' || changed.length === 1 || marker.spec === UNFINISHED)
  return told.map((key) => {
    const value = wanted[key] ?? null
    if (UNSHOWN.test(key)) return key
    return value === null ? `${key} removed` : `${key} ${textOf(config[key]) || 'unset'} → ${value}`
  })
}

function describeGrowth(grow: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(grow).map(([disk, bytes]) => `${disk} grows to ${sizeText(bytes)}`)
}

function whyOf(words: readonly string[], { vmid, node }: GuestFacts, all: boolean): string {
  const where = `${vmid} on ${node}`
  if (all) return `${where} was made but not finished`
  return words.length === 0 ? `${where} is as declared` : words.join(', ')
}

/**
 * The marker knows what of the config was declared last: if that is still declared, it was Proxmox's side that changed.
 * It does not know about HA.
 */
function withOrigin(changes: readonly string[], { guest, marker }: Omit<Compared, 'all'>): readonly string[] {
  const drifted = declaredPart(guest.marker.spec) === declaredPart(marker.spec) && samePassword(guest.marker, marker)
  return drifted && changes.length > 0 ? [`${changes.join(', ')} (changed in Proxmox, not in the manifest)`] : changes
}

function notesOf(
  machine: Machine,
  { vmid, node, marker, config }: GuestFacts,
  base: string | undefined,
): readonly string[] {
  const { name, image, nodes, declared } = machine
  const keys = diskKeys(machine)
  const beyond = Object.keys(config)
    .filter((key) => isDriveKey(key) && !keys.includes(key) && !isCd(config[key]))
    .sort()
  return [
    ...(base !== undefined && base !== marker.base && marker.image === image
      ? [`${name} (${vmid}) runs an older build of ${image}; it stays as it is. A new one: apply --replace ${name}`]
      : []),
    ...(nodes.includes(node)
      ? []
      : [`${name} (${vmid}) is on ${node}, not on ${nodes.join(' or ')}; it is not moved.`]),
    ...(declared.has('disks') && beyond.length > 0
      ? [`${name} (${vmid}) has ${beyond.join(', ')}, which the manifest does not name; disks are never removed.`]
      : []),
    ...firmwareNotes(machine, { vmid, config }),
  ]
}

/** What an EFI disk and a TPM hold cannot be made again: neither is changed or removed. */
function firmwareNotes(
  { name, declared, firmware }: Machine,
  { vmid, config }: Pick<GuestFacts, 'vmid' | 'config'>,
): readonly string[] {
  const enrolled = parseProperties(config.efidisk0, 'file').get('pre-enrolled-keys') === '1'
  const keysDiffer = declared.has('secureBoot') && config.efidisk0 !== undefined && enrolled !== firmware.secureBoot
  return [
    ...(declared.has('tpm') && !firmware.tpm && config.tpmstate0 !== undefined
      ? [`${name} (${vmid}) has a TPM, and keeps it; what is in it would be lost.`]
      : []),
    ...(keysDiffer
      ? [
          `The EFI disk of ${name} (${vmid}) was made ${enrolled ? 'with' : 'without'} the vendor keys of secure boot; it stays as it is.`,
        ]
      : []),
  ]
}
