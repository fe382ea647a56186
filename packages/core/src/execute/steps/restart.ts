// Restarts a VM, so that pending changes take effect. A reboot by Proxmox applies them. If the guest does not reboot,
// it is stopped and started.
import { ProvisionError } from '../../errors.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { readOwnGuest } from '../guest/guest-config.ts'
import { machineIdentity } from '../guest/inspect-guest.ts'
import { runTask } from '../guest/run-task.ts'
import { isRunning, stopGuest } from '../remove/remove-guest.ts'
import { untilHealthy } from '../replace/health.ts'
import { startAgain } from '../replace/retire.ts'
import { guestOf, machineOf, type StepRunner } from '../step-context.ts'

const REBOOT_SECONDS = 120

export const restart: StepRunner<'restart'> = async ({ machine: name, createFrom }, context) => {
  const machine = machineOf(context, name)
  const known = guestOf(context, createFrom)
  // Its turn in the rollout may come long after the plan.
  const identity = machineIdentity(name, context)
  const { vmid, node } = await readOwnGuest(known, identity, context)
  const guest = { vmid, node }
  if (!(await isRunning(guest, context))) return { guest, kept: true }
  context.stage('rebooting')
  try {
    const parameters = { timeout: REBOOT_SECONDS }
    await runTask(
      { guest, start: (api) => api.nodes.$(node).qemu.$(vmid).status.reboot.$post(parameters), attempts: 1 },
      context,
    )
  } catch (thrown) {
    // Another run may be restarting it, and Proxmox starts it in a moment.
    if (!isProblem(thrown, 'vm-stopped')) {
      if (!(thrown instanceof ProvisionError) || thrown.code !== 'TASK') throw thrown
      context.note('info', `${name} did not shut down; it is now stopped and started.`)
      context.stage('stopping')
      await stopGuest(guest, context)
    }
  }
  if (!(await isRunning(guest, context))) await startAgain(guest, context)
  context.stage('waiting until it is healthy')
  const { addresses, missing } = await untilHealthy(machine, guest, context)
  if (missing !== undefined)
    throw new ProvisionError('CONFLICT', `${name} was restarted but did not become healthy: ${missing}.`, {
      hint: 'Look at its console in Proxmox. The changes that needed the restart are in effect.',
      details: { machine: name, vmid },
    })
  // Nothing is pending after the restart.
  return { guest, pending: [], ...(addresses.length > 0 && { addresses }) }
}
