// Reads and changes guests. The marker is read again right before each change, and a lost reply is checked.
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
 * Reads a guest and its config, and checks that it still belongs to the project. If it was migrated, reads it on its
 * new node.
 * @throws ProvisionError `CONFLICT` with `details.gone` if it is gone or has another marker
 */
export async function readOwnGuest(place: GuestPlace, identity: Identity, context: StepContext): Promise<OwnGuest> {
  const found = (await readAt(place, context)) ?? (await readElsewhere(place, context))
  const marker = readMarker(found?.config.description, found?.vmid)
  if (found !== undefined && marker !== undefined && isSame(marker, identity)) return found
  const sentence = `${place.vmid} on ${place.node} is no longer ${identity.name} of ${identity.project}; it is left alone.`
  throw new ProvisionError('CONFLICT', sentence, {
    hint: 'Plan again: it was removed, or its ID was reused.',
    details: { vmid: place.vmid, gone: true },
  })
}

/** Returns true if the error means that a guest of the project no longer exists. */
export function isGone(thrown: unknown): boolean {
  return thrown instanceof ProvisionError && thrown.details.gone === true
}

async function readAt({ vmid, node }: GuestPlace, { world, signal }: StepContext): Promise<OwnGuest | undefined> {
  const config = await readConfig({ vmid, node }, world.pve, signal)
  return config && { vmid, node, config }
}

/** The wrong node also answers "does not exist", so the VM may have been migrated. */
async function readElsewhere({ vmid, node }: GuestPlace, context: StepContext): Promise<OwnGuest | undefined> {
  const row = (await listGuests(context)).find((entry) => entry.vmid === vmid)
  return row?.node === undefined || row.node === node ? undefined : readAt({ vmid, node: row.node }, context)
}
