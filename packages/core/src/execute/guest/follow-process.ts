// Keeps what a marker says about unread changes true across a live migration, which gives the VM another process.
import { readMarker } from '../../facts/cluster/marker.ts'
import { awaitedKeys, awaitsOf } from '../../plan/compare/pending.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'
import { type GuestPlace, type OwnGuest, readOwnGuest } from './guest-config.ts'
import type { Identity } from './inspect-guest.ts'
import { writeMarker } from './write-marker.ts'

/** Returns the keys that wait for a boot of the running VM, as its marker stores them. Asks only if there may be some. */
export async function unreadKeys({ vmid, node, config }: OwnGuest, context: StepContext): Promise<readonly string[]> {
  const marker = readMarker(config.description, vmid)
  if (marker?.awaits === undefined) return []
  const { status, pid } = await processOf({ vmid, node }, context)
  return awaitedKeys({ marker, status, node, ...(pid !== undefined && { pid }) })
}

/** Names the new node and process in the marker. Without it, no later boot would be recognized. */
export async function followProcess(
  place: GuestPlace,
  { keys, identity }: { readonly keys: readonly string[]; readonly identity: Identity },
  context: StepContext,
): Promise<void> {
  if (keys.length === 0) return
  const process = { node: place.node, ...(await processOf(place, context)) }
  const awaits = awaitsOf(process, keys)
  const read = () => readOwnGuest(place, identity, context)
  await writeMarker({ read, change: (marker) => marker && { ...marker, ...(awaits && { awaits }) } }, context)
}

/** Reads if the VM runs, and as which process. */
export async function processOf({ vmid, node }: GuestPlace, context: StepContext) {
  const { status, pid } = await pveOf(context).nodes.$(node).qemu.$(vmid).status.current.$get()
  const state: 'running' | 'stopped' = status === 'running' ? 'running' : 'stopped'
  return { status: state, ...(pid !== undefined && { pid: Number(pid) }) }
}
