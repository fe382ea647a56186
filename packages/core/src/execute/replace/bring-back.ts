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
 * Restores the old VM after this failure: removes the new VM, moves the disks back, gives the old VM its name back and
 * starts it if it was running. If another run has found the new VM healthy, it stays. @returns the new VM in that case
 * @throws ProvisionError that names both failures if the old VM cannot be restored
 */
export async function bringBack(turn: Turn, failure: unknown, context: StepContext): Promise<GuestPlace | undefined> {
  try {
    return await restoreOld(turn, context)
  } catch (thrown) {
    throw bothFailures(turn, failure, thrown)
  }
}

async function restoreOld(turn: Turn, context: StepContext): Promise<GuestPlace | undefined> {
  const { step, machine } = turn
  context.stage('restoring the old VM')
  const end = await decide('returning', { name: machine.name, place: step.old }, context)
  if (end === 'done' || end === 'gone') return findSuccessor(turn, context, { finished: true })
  const successor = await findSuccessor(turn, context)
  if (successor !== undefined) await dismiss(turn, successor, context)
  await takeBack(machine.name, step.old, context)
  if (turn.wasRunning && !(await untilRunning(step.old, context))) throw notRunning(turn, context)
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
function bothFailures(turn: Turn, first: unknown, second: unknown): ProvisionError {
  const { code, message, hint, details } = toProvisionError(second)
  if (!(first instanceof ProvisionError) || code === 'CANCELLED') return toProvisionError(second)
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

/** Without HA, a start that fails is an error of its own. So here the VM has ended again at once. */
function notRunning(turn: Turn, context: StepContext): ProvisionError {
  const { machine, step } = turn
  const { node, old } = step
  const isManaged = known(turn, context)?.ha !== undefined
  const what = isManaged ? 'The HA manager did not start it again' : 'It was started, but it does not run'
  const how = isManaged
    ? `Find out why it does not start, as root on ${node}: ha-manager status`
    : `Look at its console in Proxmox and start it again, as root on ${node}: qm start ${old.vmid}`
  return new ProvisionError('CONFLICT', `${what}; its name and its disks are back.`, {
    hint: how,
    details: { machine: machine.name, vmid: old.vmid, node },
  })
}
