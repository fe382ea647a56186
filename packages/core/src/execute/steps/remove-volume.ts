// Removes an image volume that nothing of ours uses any more. Proxmox wants Datastore.Allocate for it.
import type { StepRunner } from '../step-context.ts'

/** Deleting a volume that is gone already is fine, also for Proxmox. */
export const removeVolume: StepRunner<'remove-volume'> = async ({ at, volid }, { world: { pve }, signal, onRetry }) => {
  const path = `/nodes/${at.node}/storage/${at.storage}/content/${encodeURIComponent(volid)}`
  const upid = await pve.request<string | null>('DELETE', path, { signal, onRetry })
  if (upid) await pve.waitForTask(upid, { signal })
  return { volid }
}
