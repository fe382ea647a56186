// Determines the MACs of a machine's cards. This program's ISO identifies cards by MAC, so they must be known
// beforehand.
import type { Machine } from '../../manifest/manifest.ts'
import { parseNetworkCard } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'
import { hash16 } from '../names.ts'
import { firstBootOf } from './first-boot.ts'
import { reasonsForCd } from './writer.ts'

export interface Cards {
  readonly project: string
  /** The current config. A card keeps its MAC, because a running guest would lose the card otherwise. */
  readonly current?: Config | undefined
}

/**
 * Returns MACs by card number: the declared one, the current one, or a generated one. Undefined if Proxmox generates
 * it, as for a machine whose drive Proxmox writes.
 */
export function macsOf(machine: Machine, { project, current = {} }: Cards): readonly (string | undefined)[] {
  const known = cardNumbers(machine, current).map(
    (index) => machine.networks[index]?.mac ?? currentMac(current[`net${index}`]),
  )
  if (!known.includes(undefined) || !isOnOurCd(machine)) return known
  return known.map((mac, index) =>
    index < machine.networks.length ? (mac ?? derivedMac(`${project}/${machine.name}/${index}`)) : mac,
  )
}

/** Returns true if this program's ISO configures cards of the machine. */
function isOnOurCd(machine: Machine): boolean {
  const boot = firstBootOf(machine)
  return boot.cards.length > 0 && reasonsForCd(boot).length > 0
}

function cardNumbers({ networks, declared }: Machine, current: Config): readonly number[] {
  const theirs = Object.keys(current).flatMap((key) => (/^net\d+$/.test(key) ? [Number(key.slice(3)) + 1] : []))
  const count = Math.max(networks.length, ...(declared.has('network') ? [] : theirs))
  return Array.from({ length: count }, (_, index) => index)
}

function currentMac(card: unknown): string | undefined {
  return card === undefined ? undefined : parseNetworkCard(card).get('macaddr')
}

/** Generates a locally administered MAC from project, name and position. */
function derivedMac(text: string): string {
  const bytes = hash16(text).slice(0, 10).match(/../g) ?? []
  return ['02', ...bytes].join(':').toUpperCase()
}
