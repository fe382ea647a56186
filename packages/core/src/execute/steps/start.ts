// Starts a VM that is not running.
import { keepsRunning } from '../../plan/machine/power.ts'
import type { PveApi } from '../../ports/pve/api.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { runTask } from '../guest/run-task.ts'
import { pveOf } from '../step-api.ts'
import { guestOf, type StepRunner } from '../step-context.ts'

export const start: StepRunner<'start'> = async ({ createFrom }, context) => {
  const guest = guestOf(context, createFrom)
  const machine = (api: PveApi) => api.nodes.$(guest.node).qemu.$(guest.vmid).status
  const isRunning = async () => (await machine(pveOf(context)).current.$get()).status === 'running'
  // A VM that this run created cannot be running yet. If it is, Proxmox reports it.
  const known = context.facts.guests.find(({ vmid }) => vmid === guest.vmid)
  // The HA manager is stopping it. It still runs during the shutdown, and a new start request keeps it running.
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
