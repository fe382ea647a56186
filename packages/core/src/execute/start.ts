// Starts a machine that does not run.
import { runTask } from './guest-config.ts'
import { guestOf, type StepRunner } from './step-context.ts'

export const start: StepRunner<'start'> = async ({ createFrom }, context) => {
  const guest = guestOf(context, createFrom)
  const path = `/nodes/${guest.node}/qemu/${guest.vmid}/status`
  const { status } = await context.world.pve.request<{ readonly status: string }>('GET', `${path}/current`, { signal: context.signal })
  if (status === 'running') return { guest, kept: true }
  const warnings = await runTask(`${path}/start`, {}, context)
  return { guest, ...(warnings.length > 0 && { warnings }) }
}
