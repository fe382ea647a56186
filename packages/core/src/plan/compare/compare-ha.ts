// Compares HA settings: add the VM to the HA manager, change its settings, or remove it. Pure.
import type { GuestFacts, HaSettings } from '../../facts/facts.ts'
import type { HighAvailability, Machine } from '../../manifest/manifest.ts'
import type { RawChange } from './describe-options.ts'

export interface HaChange {
  readonly action: 'add' | 'change' | 'remove'
  /** Parameters of Proxmox's HA resource that differ. */
  readonly set: HaResource
  /** The wanted node-affinity rule. `none` removes it. */
  readonly rule?: HaRule | 'none'
  readonly changes: readonly RawChange[]
}

/** A resource of the HA manager, with Proxmox's names. */
export interface HaResource {
  readonly state?: 'started' | 'stopped' | undefined
  readonly group?: string | undefined
  readonly max_restart?: number | undefined
  readonly max_relocate?: number | undefined
}

export type HaRule = NonNullable<HaSettings['rule']>

/** Only keys that the manifest sets are compared. Without `ha` in the manifest, everything is unchanged. */
export function compareHa({ ha, declared }: Machine, guest: GuestFacts): HaChange | undefined {
  if (!declared.has('ha')) return undefined
  if (ha === undefined)
    return guest.ha && { action: 'remove', set: {}, changes: [{ key: 'ha', before: true, after: false }] }
  if (guest.ha === undefined) return addition(ha, guest)
  // If the token may not read the settings, only the fact that HA manages the VM is known.
  return guest.ha.settings && changeOf(ha, guest.ha.settings)
}

/** Adds a VM that is not running as `stopped`. Its start step later requests the start from the HA manager. */
function addition(ha: HighAvailability, { status }: GuestFacts): HaChange {
  const state = status === 'running' ? 'started' : 'stopped'
  const rule = ruleOf(ha)
  const changes = [{ key: 'ha', before: false, after: true }]
  return { action: 'add', set: { state, ...resourceOf(ha) }, ...(rule && { rule }), changes }
}

function changeOf(ha: HighAvailability, { rule: has, ...settings }: HaSettings): HaChange | undefined {
  const is = resourceOf(settings)
  const wanted = resourceOf(ha)
  const changed = KEYS.filter((key) => wanted[key] !== undefined && wanted[key] !== is[key])
  const set: HaResource = Object.fromEntries(changed.map((key) => [key, wanted[key]]))
  const rule = ruleOf(ha)
  const ruleDiffers = describeRule(rule) !== describeRule(has)
  const changes = [
    ...changed.map((key): RawChange => {
      const [before, after] = [is[key], wanted[key]]
      return { key: `ha.${WORDS[key]}`, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }
    }),
    ...(ruleDiffers ? [{ key: 'ha.nodes', before: describeRule(has), after: describeRule(rule) }] : []),
  ]
  if (changes.length === 0) return undefined
  return { action: 'change', set, ...(ruleDiffers && { rule: rule ?? 'none' }), changes }
}

const KEYS = ['group', 'max_restart', 'max_relocate'] as const
const WORDS = { group: 'group', max_restart: 'maxRestart', max_relocate: 'maxRelocate' } as const

/** Translates settings to Proxmox's names. */
export function resourceOf({ group, maxRestart, maxRelocate }: HighAvailability): HaResource {
  return {
    ...(group !== undefined && { group }),
    ...(maxRestart !== undefined && { max_restart: maxRestart }),
    ...(maxRelocate !== undefined && { max_relocate: maxRelocate }),
  }
}

function ruleOf({ nodes, strict = false }: HighAvailability): HaRule | undefined {
  return nodes && { nodes: [...nodes].sort(), strict }
}

function describeRule(rule: HaRule | undefined): string {
  return rule === undefined ? 'any' : `${rule.nodes.join(', ')}${rule.strict ? ' only' : ''}`
}
