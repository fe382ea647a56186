// The machines of a project as they are: for tables, inventories and scripts. Pure.

import { OWNER_TAG } from '../../facts/cluster/marker.ts'
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { staticAddresses } from '../../manifest/static-addresses.ts'
import { parseTags } from '../config/property-string.ts'

export interface ListedMachine {
  readonly name: string
  readonly vmid: number
  readonly node: string
  /** The manifest's entry; absent for a machine that the manifest no longer names. */
  readonly entry?: string
  readonly power: GuestFacts['status']
  /** Static addresses that the manifest states, without their prefix. */
  readonly addresses: readonly string[]
  /** Addresses that its guest agent told; absent when nobody asked, or it did not answer. */
  readonly ips?: readonly string[]
  readonly tags: readonly string[]
  readonly image: string
  /** The user that cloud-init makes. */
  readonly user?: string
  readonly pool?: string
  /** ISO 8601: when `destroy --expired` removes it. */
  readonly expires?: string
  /** It is made from an older build of its image: 16 hex each. */
  readonly outdated?: { readonly from: string; readonly to: string }
}

export interface ListInput {
  readonly desired: Desired
  readonly facts: Facts
  /** By name: what is outdated, as the plan tells it. */
  readonly outdated?: ReadonlyMap<string, ListedMachine['outdated']>
  /** By id: what guest agents told. */
  readonly ips?: ReadonlyMap<number, readonly string[]>
}

/** In the order of the manifest; machines that it does not name come last. */
export function listMachines({
  desired,
  facts,
  outdated = new Map(),
  ips = new Map(),
}: ListInput): readonly ListedMachine[] {
  const order = new Map(desired.machines.map((machine, index) => [machine.name, { machine, index }]))
  const rank = ({ marker }: GuestFacts) => order.get(marker.name)?.index ?? order.size
  return facts.guests
    .filter(({ marker }) => marker.kind === 'machine')
    .toSorted((one, other) => rank(one) - rank(other) || one.vmid - other.vmid)
    .map((guest) => {
      const machine = order.get(guest.marker.name)?.machine
      const seen = ips.get(guest.vmid)
      const old = outdated.get(guest.marker.name)
      return {
        name: guest.marker.name,
        vmid: guest.vmid,
        node: guest.node,
        ...(machine && { entry: machine.entry }),
        power: guest.status,
        addresses: machine === undefined ? [] : staticAddresses(machine),
        ...(seen && { ips: seen }),
        tags: parseTags(guest.config.tags).filter((tag) => tag !== OWNER_TAG),
        image: guest.marker.image,
        ...(machine?.cloudInit?.user !== undefined && { user: machine.cloudInit.user }),
        ...(guest.pool !== undefined && { pool: guest.pool }),
        ...(guest.marker.expires !== undefined && { expires: guest.marker.expires }),
        ...(old && { outdated: old }),
      }
    })
}
