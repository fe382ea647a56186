// Reads addresses from guest agents, only of running machines without an address in the manifest.
import { ProvisionError } from '../../errors.ts'
import type { Desired } from '../../manifest/manifest.ts'
import { staticAddresses } from '../../manifest/static-addresses.ts'
import { api } from '../../ports/pve/api.ts'
import { askByNode } from '../../ports/pve/ask-by-node.ts'
import type { World } from '../../ports/world.ts'
import type { Facts, GuestFacts } from '../facts.ts'
import { reachableAddresses } from './reachable-addresses.ts'

const TIMEOUT_MS = 5_000
/** Many agents that do not answer must not delay the others' addresses for minutes. */
const PATIENCE_MS = 10_000

/**
 * Returns the addresses by vmid. A VM whose agent does not answer has no entry, and neither has a VM that was not asked
 * within ten seconds.
 */
export async function observeAddresses(
  { desired, facts }: { readonly desired: Desired; readonly facts: Pick<Facts, 'guests'> },
  { pve, clock }: Pick<World, 'pve' | 'clock'>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const untilMs = clock.now() + PATIENCE_MS
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
  const ask = async (guest: GuestFacts) => (clock.now() < untilMs ? addressesOf(guest, pve, signal) : undefined)
  const told = await askByNode(asked, ask)
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
