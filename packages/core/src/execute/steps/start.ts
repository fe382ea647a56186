// Starts a machine that does not run.
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import { runTask } from '../guest/run-task.ts'
import { guestOf, type StepRunner } from '../step-context.ts'

export const start: StepRunner<'start'> = async ({ createFrom }, context) => {
  const guest = guestOf(context, createFrom)
  const path = `/nodes/${guest.node}/qemu/${guest.vmid}/status`
  const isRunning = async () => {
    const { status } = await context.world.pve.request<{ readonly status: string }>('GET', `${path}/current`, {
      signal: context.signal,
    })
    return status === 'running'
  }
  // What this run has made cannot run yet; Proxmox says so in the one case where it does.
  const isKnown = context.facts.guests.some(({ vmid }) => vmid === guest.vmid)
  if (isKnown && (await isRunning())) return { guest, kept: true }
  try {
    await runTask({ path: `${path}/start`, isDone: isRunning }, context)
    return { guest }
  } catch (thrown) {
    if (!isProblem(thrown, 'vm-running')) throw thrown
    return { guest, kept: true }
  }
}
