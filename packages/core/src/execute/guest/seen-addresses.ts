// Reads addresses of machines that this run did not change, so that it reports them like the run that created them.
import { observeAddresses } from '../../facts/cluster/observe-addresses.ts'
import { machinesByGuestName } from '../../facts/current-names.ts'
import type { Facts } from '../../facts/facts.ts'
import type { Desired } from '../../manifest/manifest.ts'
import type { World } from '../../ports/world.ts'
import type { Outcome } from '../../report/report.ts'

/**
 * Returns addresses by vmid. It asks only running machines whose manifest waits for the agent and whose addresses no
 * step of this run has read. A machine whose agent does not answer has no entry.
 */
export async function seenAddresses(
  outcomes: readonly Outcome[],
  { desired, facts, world }: { readonly desired: Desired; readonly facts: Facts; readonly world: World },
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, readonly string[]>> {
  if (signal?.aborted) return new Map()
  const awaited = new Set(desired.machines.flatMap(({ name, wait }) => (wait.for === 'agent' ? [name] : [])))
  const kept = Map.groupBy(outcomes, ({ step }) => ('machine' in step ? step.machine : undefined))
  const machines = machinesByGuestName(desired.machines, facts.guests)
  const guests = facts.guests.filter(({ marker }) => {
    const name = machines.get(marker.name)?.name ?? ''
    const own = kept.get(name)
    return own !== undefined && awaited.has(name) && own.every(isQuiet)
  })
  return observeAddresses({ desired, facts: { guests } }, world, signal)
}

function isQuiet({ status, result }: Outcome): boolean {
  return (status === 'kept' || status === 'done') && result?.addresses === undefined
}
