// Removes a guest of ours: shut down with a deadline, stopped, deleted with its disks. Never what lacks the marker.
import { ProvisionError } from '../errors.ts'
import { type GuestPlace, readOwnConfig, runTask } from './guest-config.ts'
import type { StepContext, StepRunner } from './step-context.ts'

const SHUTDOWN_SECONDS = 60

export const destroy: StepRunner<'destroy'> = async ({ name, vmid, node, template }, context) => {
  const { desired, world, signal, onRetry } = context
  const place = { vmid, node }
  const identity = { project: desired.project, name, kind: template ? 'template' : 'machine' } as const
  const config = await readOwnConfig(place, identity, context)
  if (config['protection'] === 1) {
    throw new ProvisionError('CONFLICT', `${name} (${vmid}) is protected.`, { hint: `Set \`protection: false\` in the manifest and apply, then destroy.` })
  }
  if (!template) await stop(place, context)
  await readOwnConfig(place, identity, context)
  const parameters = { purge: true, 'destroy-unreferenced-disks': true }
  const upid = await world.pve.request<string>('DELETE', `/nodes/${node}/qemu/${vmid}`, { parameters, signal, onRetry })
  await world.pve.waitForTask(upid, { signal })
  return { guest: place }
}

async function stop(place: GuestPlace, context: StepContext): Promise<void> {
  const path = `/nodes/${place.node}/qemu/${place.vmid}/status`
  const { status } = await context.world.pve.request<{ readonly status: string }>('GET', `${path}/current`, { signal: context.signal })
  if (status !== 'running') return
  // Proxmox stops it by force itself once the time is over.
  await runTask(`${path}/shutdown`, { timeout: SHUTDOWN_SECONDS, forceStop: true }, context)
}
