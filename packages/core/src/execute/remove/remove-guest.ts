// Removes a guest of the project: shuts it down within a time limit, stops it, and deletes it with its disks. It never
// removes a guest without the marker.
import type { HaFacts } from '../../facts/facts.ts'
import { isProtected, protectedError } from '../../plan/preflight/protection.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { type GuestPlace, isGone, type OwnGuest, readOwnGuest } from '../guest/guest-config.ts'
import { listGuests } from '../guest/guest-listing.ts'
import type { Identity } from '../guest/inspect-guest.ts'
import { runTask } from '../guest/run-task.ts'
import { waitUntilSettled } from '../guest/wait-until-settled.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'
import { leftError, readWarnings, stillThere } from './left-volumes.ts'

const SHUTDOWN_SECONDS = 60

export interface RemoveOptions {
  /** Removes a machine's protection first. */
  readonly unprotect?: boolean
  /** Keeps volumes of the guest that its config does not name. One may be a data disk whose move to another VM failed. */
  readonly keepUnreferenced?: boolean
  /** Receives the volumes that remain. Without it, they cause a warning. */
  readonly onLeft?: ((volids: readonly string[]) => void) | undefined
}

/**
 * Removes a guest after checking its marker once more. A guest that is already gone is not an error.
 * @returns true if it existed
 * @throws ProvisionError `CONFLICT` if it has another marker now, or is protected
 */
export async function removeGuest(
  place: GuestPlace,
  identity: Identity,
  context: StepContext,
  { unprotect = false, keepUnreferenced = false, onLeft }: RemoveOptions = {},
): Promise<boolean> {
  const guest = await ifThere(place, identity, context)
  if (guest === undefined) return false
  const warnings: string[] = []
  try {
    if (isProtected(guest)) await takeProtectionOff(guest, unprotect, context)
    if (guest.config.template !== 1) await stopGuest(guest, context)
    warnings.push(...(await deleteGuest(guest, { identity, keepUnreferenced }, context)))
  } catch (thrown) {
    // A task of a killed or parallel run may remove it at any moment.
    if (!isProblem(thrown, 'not-found') || (await ifThere(place, identity, context)) !== undefined) throw thrown
  }
  const { volids, others } = readWarnings(warnings)
  for (const line of others) context.warn(`Removal of ${guest.vmid}: ${line}`)
  const left = await stillThere(volids, guest, context)
  if (left.length > 0) tellOf(left, guest, { context, onLeft })
  return true
}

function tellOf(
  left: readonly string[],
  guest: GuestPlace,
  { context, onLeft }: Pick<RemoveOptions, 'onLeft'> & { readonly context: StepContext },
): void {
  if (onLeft !== undefined) onLeft(left)
  else context.warn(leftError(guest, left).message)
}

async function ifThere(place: GuestPlace, identity: Identity, context: StepContext): Promise<OwnGuest | undefined> {
  try {
    return await readOwnGuest(place, identity, context)
  } catch (thrown) {
    // If the id was reused meanwhile, it now belongs to another guest.
    if (isGone(thrown) && (await isFree(place, identity, context))) return undefined
    throw thrown
  }
}

/** Waits for a removal that is in progress. */
async function isFree({ vmid, node }: GuestPlace, identity: Identity, context: StepContext): Promise<boolean> {
  const look = await waitUntilSettled({ vmid, identity, nodes: [node], taken: false }, context)
  return look.state === 'unseen'
}

async function takeProtectionOff(
  { vmid, node, config }: OwnGuest,
  unprotect: boolean,
  context: StepContext,
): Promise<void> {
  if (!unprotect) throw protectedError({ vmid, config })
  await pveOf(context).nodes.$(node).qemu.$(vmid).config.$put({ protection: false })
}

/**
 * Shuts a guest down, by force after a minute. One that the HA manager wants to run is stopped there, even if it is not
 * running yet.
 */
export async function stopGuest(
  guest: GuestPlace,
  context: StepContext,
  { ha }: { readonly ha?: HaFacts | undefined } = {},
): Promise<void> {
  const isWanted = ha !== undefined && ha.current !== 'error' && /^(started|enabled)$/.test(ha.state)
  if (!isWanted && !(await isRunning(guest, context))) return
  const { vmid, node } = guest
  const isDone = async () => !(await isRunning(guest, context))
  // Proxmox stops the guest by force when the timeout ends.
  const parameters = { timeout: SHUTDOWN_SECONDS, forceStop: true }
  await runTask(
    { guest, start: (api) => api.nodes.$(node).qemu.$(vmid).status.shutdown.$post(parameters), isDone },
    context,
  )
  await untilStopped(guest, context, isWanted)
}

export async function isRunning({ vmid, node }: GuestPlace, context: StepContext): Promise<boolean> {
  const { status } = await pveOf(context).nodes.$(node).qemu.$(vmid).status.current.$get()
  return status === 'running'
}

/**
 * For a VM under HA, the task only sends a request to the HA manager, which takes its time. Until the manager has brought
 * the VM to `stopped`, it may still start it.
 */
async function untilStopped(guest: GuestPlace, context: StepContext, isManaged: boolean): Promise<void> {
  const { clock } = context.world
  const deadlineMs = clock.now() + 2 * SHUTDOWN_SECONDS * 1000
  const isDone = async () =>
    !(await isRunning(guest, context)) && (!isManaged || (await isLeftByManager(guest.vmid, context)))
  while (!(await isDone()) && clock.now() < deadlineMs) await clock.sleep(1_000, context.signal)
}

async function isLeftByManager(vmid: number, context: StepContext): Promise<boolean> {
  const { hastate } = (await listGuests(context)).find((row) => row.vmid === vmid) ?? {}
  return hastate === undefined || /^(stopped|disabled|ignored|error)$/.test(hastate)
}

/** @returns the warnings of the task */
async function deleteGuest(
  guest: OwnGuest,
  { identity, keepUnreferenced }: { readonly identity: Identity; readonly keepUnreferenced: boolean },
  context: StepContext,
): Promise<readonly string[]> {
  const { vmid, node } = guest
  // The shutdown may have taken a minute, so check the owner again.
  if ((await ifThere(guest, identity, context)) === undefined) return []
  const warnings: string[] = []
  const parameters = { purge: true, 'destroy-unreferenced-disks': !keepUnreferenced }
  await runTask(
    {
      guest,
      removes: true,
      start: (api) => api.nodes.$(node).qemu.$(vmid).$delete(parameters),
      isDone: async () => (await ifThere(guest, identity, context)) === undefined,
      onWarnings: (lines) => void warnings.push(...lines),
    },
    context,
  )
  return warnings
}
