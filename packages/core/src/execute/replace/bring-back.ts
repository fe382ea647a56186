// Restores the old VM of a replacement whose new VM did not become healthy.
import { ProvisionError, toProvisionError } from '../../errors.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { type GuestPlace, isGone, readOwnGuest } from '../guest/guest-config.ts'
import { removeGuest, stopGuest } from '../remove/remove-guest.ts'
import type { StepContext } from '../step-context.ts'
import { carryDisks } from './carry-disks.ts'
import { untilRunning } from './health.ts'
import { inheritRules } from './inherit-ha.ts'
import { decide, takeBack } from './retire.ts'
import { findSuccessor, identityOf, known, type Turn } from './turn.ts'

/** The disks were moved before. What the config does not name then may be one whose move failed halfway. */
export const REPLACED = { unprotect: true, keepUnreferenced: true } as const

/**
 * Removes the new VM, moves the disks back, gives the old VM its name back and starts it if it was running. If another
 * run has found the new VM healthy, it stays. @returns the new VM in that case
 */
export async function bringBack(turn: Turn, context: StepContext): Promise<GuestPlace | undefined> {
  const { step, machine } = turn
  context.stage('restoring the old VM')
  const end = await decide('returning', { name: machine.name, place: step.old }, context)
  if (end === 'done' || end === 'gone') return findSuccessor(turn, context, { finished: true })
  const successor = await findSuccessor(turn, context)
  if (successor !== undefined) await dismiss(turn, successor, context)
  await takeBack(machine.name, step.old, context)
  if (turn.wasRunning && !(await untilRunning(step.old, context))) throw notStarted(turn)
  return undefined
}

/** Removes the new VM, after its data disks were moved back. Another run may be doing the same. */
async function dismiss(turn: Turn, successor: GuestPlace, context: StepContext): Promise<void> {
  try {
    await stopGuest(successor, context)
    const guest = await readOwnGuest(successor, identityOf(turn, context), context)
    await carryDisks(guest, turn.step.old, context)
    if (known(turn, context)?.ha !== undefined)
      await inheritRules({ from: successor.vmid, to: turn.step.old.vmid }, context)
    await removeGuest(successor, identityOf(turn, context), context, REPLACED)
  } catch (thrown) {
    if (!isGone(thrown) && !isProblem(thrown, 'not-found')) throw thrown
    // It was removed. Anything else is a failure.
    if ((await findSuccessor(turn, context)) !== undefined) throw thrown
  }
}

/** Why the new VM failed must not be lost if the old one cannot be restored either. */
export function notRestored(turn: Turn, first: unknown, second: unknown): ProvisionError {
  const { code, message, hint, details } = toProvisionError(second)
  if (!(first instanceof ProvisionError) || code === 'CANCELLED' || code === 'CONFLICT') return toProvisionError(second)
  const { old, node } = turn.step
  const failure = first.message.replace(restored(turn), '').trimEnd()
  return new ProvisionError(code, `${failure} ${old.vmid} on ${node} could not be restored: ${message}`, {
    cause: second,
    ...(hint !== undefined && { hint }),
    details,
  })
}

export function unhealthy(turn: Turn, missing: string): ProvisionError {
  const { machine, step } = turn
  return new ProvisionError(
    'CONFLICT',
    `The new ${machine.name} did not become healthy: ${missing}. ${restored(turn)}`,
    {
      hint: `Look at the image and at \`wait\` of ${machine.entry}, then replace it again.`,
      details: { machine: machine.name, vmid: step.old.vmid },
    },
  )
}

function restored({ step: { old, node }, wasRunning }: Turn): string {
  return `${old.vmid} on ${node} ${wasRunning ? 'runs again' : 'is back'}, with its disks.`
}

/** Only the HA manager can leave it like that: without HA, a start that fails is the error. */
function notStarted({ machine, step: { old, node } }: Turn): ProvisionError {
  return new ProvisionError(
    'CONFLICT',
    `The new ${machine.name} did not become healthy, and the HA manager did not start ${old.vmid} on ${node} again. It has its name and its disks back.`,
    {
      hint: `Find out why it does not start, as root on ${node}: ha-manager status`,
      details: { machine: machine.name, vmid: old.vmid, node },
    },
  )
}
