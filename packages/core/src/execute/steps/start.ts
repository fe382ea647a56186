// Starts a machine that does not run.
import { keepsRunning } from '../../plan/machine/start-steps.ts'
import type { PveApi } from '../../ports/pve/api.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { runTask } from '../guest/run-task.ts'
import { pveOf } from '../step-api.ts'
import { guestOf, type StepRunner } from '../step-context.ts'

export const start: StepRunner<'start'> = async ({ createFrom }, context) => {
  const guest = guestOf(context, createFrom)
  const machine = (api: PveApi) => api.nodes.$(guest.node).qemu.$(guest.vmid).status
  const isRunning = async () => (await machine(pveOf(context)).current.$get()).status === 'running'
  // What this run has made cannot run yet; Proxmox says so in the one case where it does.
  const known = context.facts.guests.find(({ vmid }) => vmid === guest.vmid)
  // The HA manager was told to stop it: while it shuts down it runs, and another order is what keeps it running.
  const isBeingStopped = known?.status === 'running' && !keepsRunning(known)
  if (known !== undefined && !isBeingStopped && (await isRunning())) return { guest, kept: true }
  try {
    await runTask({ guest, start: (api) => machine(api).start.$post(), isDone: isRunning }, context)
    return { guest }
  } catch (thrown) {
    if (!isProblem(thrown, 'vm-running')) throw thrown
    return { guest, kept: true }
  }
}
