// Lists the machines of a project with their current state, for tables, inventories and scripts. Pure.

import { OWNER_TAG } from '../../facts/cluster/marker.ts'
import { machinesByGuestName } from '../../facts/current-names.ts'
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { select } from '../../manifest/select.ts'
import { staticAddresses } from '../../manifest/static-addresses.ts'
import { unusedDisks } from '../compare/own-disks.ts'
import { splitTags } from '../config/property-string.ts'
import { type Power, shownPower } from '../machine/power.ts'
import type { KeptDisk } from '../plan.ts'

/** A machine of the project, as `list` returns it. */
export interface ListedMachine {
  readonly name: string
  readonly vmid: number
  readonly node: string
  /** The manifest's entry. Absent for a machine that is no longer in the manifest. */
  readonly entry?: string
  readonly power: Power
  /** Static addresses that the manifest sets, without their prefix. */
  readonly addresses: readonly string[]
  /** Addresses that its guest agent reported. Absent if it was not asked or did not answer. */
  readonly ips?: readonly string[]
  readonly tags: readonly string[]
  readonly image: string
  /** The user that cloud-init creates. */
  readonly user?: string
  readonly pool?: string
  /** ISO 8601: when `destroy --expired` removes it. */
  readonly expires?: string
  /** Set if it was created from an older build of its image; 16 hex digits each. */
  readonly outdated?: { readonly from: string; readonly to: string }
  /** Its unused volumes. */
  readonly unused?: readonly KeptDisk[]
}

export interface ListInput {
  readonly desired: Desired
  readonly facts: Facts
  /** Outdated machines by name, from the plan. */
  readonly outdated?: ReadonlyMap<string, ListedMachine['outdated']>
  /** Addresses from guest agents, by vmid. */
  readonly ips?: ReadonlyMap<number, readonly string[]>
}

/**
 * Returns the machines that match any of the patterns: those of the manifest, and those of the project that it no longer
 * names.
 * @throws ProvisionError `USAGE` for a pattern that matches none
 */
export function selectListed(
  { desired, facts }: Pick<ListInput, 'desired' | 'facts'>,
  patterns: readonly string[] | undefined,
): readonly GuestFacts[] {
  const machines = facts.guests.filter(({ marker }) => marker.kind === 'machine')
  if (patterns === undefined || patterns.length === 0) return machines
  const entries = new Map(desired.machines.map(({ name, entry }) => [name, entry]))
  for (const { marker } of machines) if (!entries.has(marker.name)) entries.set(marker.name, marker.name)
  const all = [...entries].map(([name, entry]) => ({ name, entry }))
  const chosen = new Set(select(all, patterns, { where: 'in the manifest or the project' }).map(({ name }) => name))
  return machines.filter(({ marker }) => chosen.has(marker.name))
}

/** Returns the machines in the order of the manifest. Machines that it does not name come last. */
export function listMachines({
  desired,
  facts,
  outdated = new Map(),
  ips = new Map(),
}: ListInput): readonly ListedMachine[] {
  const machines = machinesByGuestName(desired.machines, facts.guests)
  const order = new Map(desired.machines.map((machine, index) => [machine, index]))
  const rank = ({ marker }: GuestFacts) => {
    const machine = machines.get(marker.name)
    return (machine && order.get(machine)) ?? order.size
  }
  return facts.guests
    .filter(({ marker }) => marker.kind === 'machine')
    .toSorted((one, other) => rank(one) - rank(other) || one.vmid - other.vmid)
    .map((guest) => {
      const machine = machines.get(guest.marker.name)
      const seen = ips.get(guest.vmid)
      const old = outdated.get(guest.marker.name)
      const unused = unusedDisks(guest)
      return {
        name: guest.marker.name,
        vmid: guest.vmid,
        node: guest.node,
        ...(machine && { entry: machine.entry }),
        power: shownPower(guest),
        addresses: machine === undefined ? [] : staticAddresses(machine),
        ...(seen && { ips: seen }),
        tags: splitTags(guest.config.tags).filter((tag) => tag !== OWNER_TAG),
        image: guest.marker.image,
        ...(machine?.cloudInit?.user !== undefined && { user: machine.cloudInit.user }),
        ...(guest.pool !== undefined && { pool: guest.pool }),
        ...(guest.marker.expires !== undefined && { expires: guest.marker.expires }),
        ...(old && { outdated: old }),
        ...(unused.length > 0 && { unused }),
      }
    })
}
