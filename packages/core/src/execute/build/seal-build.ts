// Turns a guest with a successful build into the config of a template: shuts it down and removes the ISO.
import { ProvisionError } from '../../errors.ts'
import { isTemplate } from '../../facts/cluster/template-state.ts'
import { sealedConfig } from '../../plan/build/build-config.ts'
import type { StorageRef } from '../../ports/pve/pve.ts'
import { changeConfig } from '../guest/change-config.ts'
import { type GuestPlace, readOwnGuest } from '../guest/guest-config.ts'
import { runTask } from '../guest/run-task.ts'
import { writeMarker } from '../guest/write-marker.ts'
import { isRunning } from '../remove/remove-guest.ts'
import { removeSeed } from '../remove/remove-seed.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'
import { asFacts, type BuildOrder } from './build-order.ts'

const SHUTDOWN_SECONDS = 180

/** Writes to the marker that the build succeeded. From now on a stopped guest is known to be complete. */
export async function markSealed(order: BuildOrder, guest: GuestPlace, context: StepContext): Promise<void> {
  const read = () => readOwnGuest(guest, order.marker, context)
  await writeMarker({ read, change: (marker) => marker && { ...marker, stage: 'sealed' } }, context)
}

/** Shuts the guest down, gives it the config of a template, and removes the ISO with the recipe. */
export async function sealBuild(order: BuildOrder, guest: GuestPlace, context: StepContext): Promise<void> {
  await shutDown(order, guest, context)
  await makePlain(order, guest, context)
  await removeCd(order, context)
}

/**
 * The guest shuts down by itself. One that cannot, because it has neither logind nor ACPI, is stopped by force: the seal script
 * has synced its disks.
 */
async function shutDown({ image }: BuildOrder, guest: GuestPlace, context: StepContext): Promise<void> {
  if (!(await isRunning(guest, context))) return
  const { vmid, node } = guest
  const isDone = async () => !(await isRunning(guest, context))
  // Proxmox stops it by force itself once the time is over.
  const parameters = { timeout: SHUTDOWN_SECONDS, forceStop: true }
  try {
    await runTask(
      { guest, start: (api) => api.nodes.$(node).qemu.$(vmid).status.shutdown.$post(parameters), isDone },
      context,
    )
  } catch (thrown) {
    // Another run may have been faster.
    if (context.signal.aborted || (await isRunning(guest, context))) throw notStopped(image.name, guest, thrown)
  }
}

function notStopped(image: string, guest: GuestPlace, cause: unknown): ProvisionError {
  if (cause instanceof ProvisionError && cause.code !== 'TASK') return cause
  return new ProvisionError('BUILD', `${image} is built, but its VM ${guest.vmid} does not shut down.`, {
    cause,
    hint: 'Look at its console and shut it down, then run again.',
    details: guest,
  })
}

const ROUNDS = 4

/** Removing a key may leave an unused volume, which the next round removes. */
async function makePlain(order: BuildOrder, place: GuestPlace, context: StepContext): Promise<void> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const guest = await readOwnGuest(place, order.marker, context)
    if (isTemplate(guest.config)) return
    const update = sealedConfig(guest.config, order.step.at.storage)
    if (Object.keys(update.set).length === 0 && update.remove.length === 0) return
    await changeConfig(asFacts(guest, order), update, context)
  }
}

/** Removes the ISO if it exists. */
export async function removeCd({ step, cd }: BuildOrder, context: StepContext): Promise<void> {
  if (await isOn(step.cdAt, cd.volid, context)) await removeSeed(cd.volid, step.cdAt.node, context)
}

async function isOn({ node, storage }: StorageRef, volid: string, context: StepContext): Promise<boolean> {
  const rows = await pveOf(context).nodes.$(node).storage.$(storage).content.$get({ content: 'iso' })
  return rows.some((row) => row.volid === volid)
}
