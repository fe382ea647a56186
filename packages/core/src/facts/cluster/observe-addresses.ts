// Reads addresses from guest agents, only of running machines without an address in the manifest.
import pMap from 'p-map'
import { ProvisionError } from '../../errors.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { staticAddresses } from '../../manifest/static-addresses.ts'
import { api } from '../../ports/pve/api.ts'
import type { World } from '../../ports/world.ts'
import type { Facts, GuestFacts } from '../facts.ts'
import { reachableAddresses } from './reachable-addresses.ts'

/** Few at once: an agent that does not answer blocks a daemon of the node for three seconds. */
export const QUESTIONS_AT_ONCE = 4
const TIMEOUT_MS = 5_000

/** Returns the addresses by vmid. A VM whose agent does not answer has no entry. */
export async function observeAddresses(
  { desired, facts }: { readonly desired: Desired; readonly facts: Pick<Facts, 'guests'> },
  { pve }: Pick<World, 'pve'>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const machines = new Map(desired.machines.map((machine) => [machine.name, machine]))
  const asked = facts.guests.filter(({ marker, status }) => {
    const machine = machines.get(marker.name)
    const hasAgent = machine === undefined || machine.agent
    return (
      marker.kind === 'machine' &&
      status === 'running' &&
      hasAgent &&
      (machine === undefined || staticAddresses(machine).length === 0)
    )
  })
  const told = await pMap(asked, (guest) => addressesOf(guest, pve, signal), { concurrency: QUESTIONS_AT_ONCE })
  return new Map(told.flatMap((one) => (one === undefined ? [] : [one])))
}

/** Returns undefined if the agent does not answer. */
export async function addressesOf(
  { vmid, node }: GuestFacts,
  pve: World['pve'],
  signal: AbortSignal | undefined,
): Promise<readonly [number, readonly string[]] | undefined> {
  try {
    const { agent } = api(pve, { signal, timeoutMs: TIMEOUT_MS }).nodes.$(node).qemu.$(vmid)
    return [vmid, reachableAddresses(await agent['network-get-interfaces'].$get())]
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code !== 'CANCELLED') return undefined
    throw thrown
  }
}
