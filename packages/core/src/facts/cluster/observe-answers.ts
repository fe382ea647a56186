// Checks if running machines answer as their `wait` requires. The run that started them may have ended before they did.
import type { Machine, Wait } from '../../manifest/manifest.ts'
import { staticAddresses } from '../../manifest/static-addresses.ts'
import { canConnect } from '../../ports/network/tcp.ts'
import { askByNode } from '../../ports/pve/ask-by-node.ts'
import type { World } from '../../ports/world.ts'
import type { GuestFacts } from '../facts.ts'
import { addressesOf } from './observe-addresses.ts'

/** A listening machine answers at once. A machine that does not answer gets its own wait step. */
const CONNECT_MS = 1_000

/** Returns the addresses of machines that answer as required, by id. Other machines have no entry. */
export async function observeAnswers(
  { machines, guests }: { readonly machines: readonly Machine[]; readonly guests: ReadonlyMap<string, GuestFacts> },
  { pve }: Pick<World, 'pve'>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const asked = machines.flatMap((machine) => {
    const guest = guests.get(machine.name)
    return guest?.status === 'running' && machine.start && isRequired(machine.wait)
      ? [{ machine, guest, node: guest.node }]
      : []
  })
  const answers = await askByNode(
    asked,
    async ({ machine, guest }) => [guest.vmid, await answerOf(machine, guest, { pve, signal })] as const,
  )
  return new Map(answers.flatMap(([vmid, addresses]) => (addresses.length > 0 ? [[vmid, addresses] as const] : [])))
}

export function isRequired(wait: Wait): boolean {
  return wait.for !== 'none' && wait.required === true
}

interface Asking {
  readonly pve: World['pve']
  readonly signal: AbortSignal | undefined
}

/** Returns an empty list if the machine does not answer as required. */
async function answerOf(machine: Machine, guest: GuestFacts, { pve, signal }: Asking): Promise<readonly string[]> {
  const { wait } = machine
  const fixed = wait.for === 'port' ? staticAddresses(machine) : []
  const addresses = fixed.length > 0 || !machine.agent ? fixed : ((await addressesOf(guest, pve, signal))?.[1] ?? [])
  if (wait.for !== 'port') return addresses
  const open = await Promise.all(
    addresses.map((host) => canConnect(host, wait.port, { timeoutMs: CONNECT_MS, ...(signal && { signal }) })),
  )
  return open.includes(true) ? addresses : []
}
