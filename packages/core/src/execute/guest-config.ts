// Reading and changing a guest's config: the marker is read again right before each change.
import { ProvisionError } from '../errors.ts'
import { readMarker } from '../facts/marker.ts'
import { readConfig } from '../facts/observe-guests.ts'
import { type Identity, isSame } from './look-at-guest.ts'
import type { StepContext } from './step-context.ts'

export interface GuestPlace {
  readonly vmid: number
  readonly node: string
}

/**
 * The config of a guest that must still be ours.
 * @throws ProvisionError `CONFLICT` when it is gone or carries another marker
 */
export async function readOwnConfig(place: GuestPlace, identity: Identity, { world }: StepContext): Promise<Readonly<Record<string, unknown>>> {
  const config = await readConfig(place, world.pve)
  const marker = readMarker(config?.['description'])
  if (config !== undefined && marker !== undefined && isSame(marker, identity)) return config
  throw new ProvisionError('CONFLICT', `${place.vmid} on ${place.node} is no longer ${identity.name} of ${identity.project}; it is left alone.`, {
    hint: 'Plan again: somebody removed it, or the id was used anew.',
  })
}

/** Sets and deletes config keys in one task; `digest` makes Proxmox refuse when somebody else changed it meanwhile. */
export async function changeConfig(
  { vmid, node }: GuestPlace,
  parameters: Readonly<Record<string, unknown>>,
  { world, signal, onRetry }: StepContext,
): Promise<void> {
  const upid = await world.pve.request<string | null>('POST', `/nodes/${node}/qemu/${vmid}/config`, { parameters, signal, onRetry })
  if (upid) await world.pve.waitForTask(upid, { signal })
}

/** Starts something that answers with a UPID and waits for its end. */
export async function runTask(
  path: string,
  parameters: Readonly<Record<string, unknown>>,
  { world, signal, onRetry, progress }: StepContext,
): Promise<readonly string[]> {
  const upid = await world.pve.request<string>('POST', path, { parameters, signal, onRetry })
  const end = await world.pve.waitForTask(upid, { signal, onPercent: (percent) => progress({ done: percent, total: 100, unit: 'percent', what: upid }) })
  return end.warningLines
}
