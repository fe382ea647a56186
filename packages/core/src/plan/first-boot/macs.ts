// The MACs of a machine's cards: a CD of ours names the cards by them, so they must be known before it is written.
import type { Machine } from '../../manifest/manifest.ts'
import { parseNetworkCard } from '../config/property-string.ts'
import type { Config } from '../config/wanted-config.ts'
import { hash16 } from '../names.ts'
import { firstBootOf } from './first-boot.ts'
import { reasonsForCd } from './writer.ts'

export interface Cards {
  readonly project: string
  /** The machine's config where it exists: a card keeps the MAC that it has, for a guest that runs loses it otherwise. */
  readonly current?: Config | undefined
}

/**
 * MACs by the number of the card: as declared, as the machine has it, or one of ours. Undefined where Proxmox is to make one,
 * as for a machine whose drive Proxmox writes.
 */
export function macsOf(machine: Machine, { project, current = {} }: Cards): readonly (string | undefined)[] {
  const boot = firstBootOf(machine)
  const ours = boot.cards.length > 0 && reasonsForCd(boot).length > 0
  return cardNumbers(machine, current).map(
    (index) =>
      machine.networks[index]?.mac ??
      currentMac(current[`net${index}`]) ??
      (ours && index < machine.networks.length ? derivedMac(`${project}/${machine.name}/${index}`) : undefined),
  )
}

function cardNumbers({ networks, declared }: Machine, current: Config): readonly number[] {
  const theirs = Object.keys(current).flatMap((key) => (/^net\d+$/.test(key) ? [Number(key.slice(3)) + 1] : []))
  const count = Math.max(networks.length, ...(declared.has('network') ? [] : theirs))
  return Array.from({ length: count }, (_, index) => index)
}

function currentMac(card: unknown): string | undefined {
  return card === undefined ? undefined : parseNetworkCard(card).get('macaddr')
}

/** Locally administered, from project, name and position. */
function derivedMac(text: string): string {
  const bytes = hash16(text).slice(0, 10).match(/../g) ?? []
  return ['02', ...bytes].join(':').toUpperCase()
}
