// Reading and changing a guest: the marker is read again right before each change, and a lost reply is looked into.
import { ProvisionError } from '../../errors.ts'
import { readMarker } from '../../facts/cluster/marker.ts'
import { readConfig } from '../../facts/cluster/observe-guests.ts'
import type { Config } from '../../plan/config/wanted-config.ts'
import type { StepContext } from '../step-context.ts'
import { listGuests } from './guest-listing.ts'
import { type Identity, isSame } from './inspect-guest.ts'

export interface GuestPlace {
  readonly vmid: number
  readonly node: string
}

export interface OwnGuest extends GuestPlace {
  readonly config: Config
}

/**
 * A guest that must still be ours, with its config; where it was moved to another node, at that node.
 * @throws ProvisionError `CONFLICT` with `details.gone` when it is gone or carries another marker
 */
export async function readOwnGuest(place: GuestPlace, identity: Identity, context: StepContext): Promise<OwnGuest> {
  const found = (await readAt(place, context)) ?? (await readElsewhere(place, context))
  const marker = readMarker(found?.config.description, found?.vmid)
  if (found !== undefined && marker !== undefined && isSame(marker, identity)) return found
  const sentence = `${place.vmid} on ${place.node} is no longer ${identity.name} of ${identity.project}; it is left alone.`
  throw new ProvisionError('CONFLICT', sentence, {
    hint: 'Plan again: it was removed, or its ID was used again.',
    details: { vmid: place.vmid, gone: true },
  })
}

/** Whether an error says that a guest of ours is no longer there. */
export function isGone(thrown: unknown): boolean {
  return thrown instanceof ProvisionError && thrown.details.gone === true
}

async function readAt({ vmid, node }: GuestPlace, { world, signal }: StepContext): Promise<OwnGuest | undefined> {
  const config = await readConfig({ vmid, node }, world.pve, signal)
  return config && { vmid, node, config }
}

/** "does not exist" is what the wrong node says too: the machine may have been migrated. */
async function readElsewhere({ vmid, node }: GuestPlace, context: StepContext): Promise<OwnGuest | undefined> {
  const row = (await listGuests(context)).find((entry) => entry.vmid === vmid)
  return row?.node === undefined || row.node === node ? undefined : readAt({ vmid, node: row.node }, context)
}
