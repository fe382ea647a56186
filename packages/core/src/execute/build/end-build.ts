// Ends a failed build: removes its guest or keeps it, and creates the error with the last lines of the log.
import { ProvisionError, toProvisionError } from '../../errors.ts'
import { type GuestPlace, isGone, readOwnGuest } from '../guest/guest-config.ts'
import { writeMarker } from '../guest/write-marker.ts'
import { removeGuest } from '../remove/remove-guest.ts'
import type { StepContext } from '../step-context.ts'
import type { BuildOrder } from './build-order.ts'
import type { Failure } from './guest-words.ts'
import { removeCd } from './seal-build.ts'

/** The guest of an earlier run cannot be used. It is removed, and the build starts again. */
export class Unusable extends Error {}

export interface BadEnd {
  readonly failure: Failure
  readonly hint: string
}

/** Removes the guest, or keeps it if asked to. @returns the error */
export async function failBuild(
  order: BuildOrder,
  { guest, end }: { readonly guest: GuestPlace; readonly end: BadEnd },
  context: StepContext,
): Promise<ProvisionError> {
  const { what, exitCode, log } = end.failure
  const { vmid, node } = guest
  const rest = context.keepFailed
    ? `Its VM is kept: ${vmid} on ${node}. The next apply removes it and starts the build again.`
    : 'To keep its VM for inspection, run again with --keep-failed.'
  await markFailed(order, guest, context)
  if (!context.keepFailed) await discardBuild(order, guest, context)
  return new ProvisionError('BUILD', `The build of ${order.image.name} failed: ${what}.`, {
    hint: `${end.hint} ${rest}`,
    details: { log, ...(context.keepFailed && { vmid, node }), ...(exitCode !== undefined && { exitCode }) },
  })
}

/** Returns the error for an interrupted run. It names the VM, because the build continues in it without this program. */
export function interrupted(
  { image }: BuildOrder,
  { vmid, node }: GuestPlace,
  cause: unknown,
): ProvisionError<'CANCELLED'> {
  const message = `The build of ${image.name} was interrupted. Its VM remains: ${vmid} on ${node}.`
  return new ProvisionError('CANCELLED', message, {
    cause,
    hint: `The recipe keeps running in it, and the next apply continues from there. To remove it instead, run as root on ${node}: qm stop ${vmid} && qm destroy ${vmid} --purge`,
    details: { ...toProvisionError(cause).details, vmid, node },
  })
}

/** Writes the failure to the marker first, so that the next run does not continue this build. */
async function markFailed(order: BuildOrder, guest: GuestPlace, context: StepContext): Promise<void> {
  const read = () => readOwnGuest(guest, order.marker, context)
  try {
    await writeMarker({ read, change: (marker) => marker && { ...marker, stage: 'failed' } }, context)
  } catch (thrown) {
    if (!isGone(thrown)) throw thrown
  }
}

/** Removes the ISO first: without the guest, its owner would be unknown. */
export async function discardBuild(order: BuildOrder, guest: GuestPlace, context: StepContext): Promise<void> {
  await removeCd(order, context)
  await removeGuest(guest, order.marker, context)
}
