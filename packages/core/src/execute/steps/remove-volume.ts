// Removes an image volume that this project no longer uses. Proxmox requires Datastore.Allocate for this.
import { api } from '../../ports/pve/api.ts'
import type { StepRunner } from '../step-context.ts'

/** Deleting a volume that is already gone succeeds, also in Proxmox. */
export const removeVolume: StepRunner<'remove-volume'> = async ({ at, volid }, { world: { pve }, signal, onRetry }) => {
  const storage = api(pve, { signal, onRetry }).nodes.$(at.node).storage.$(at.storage)
  const upid = await storage.content.$(volid).$delete()
  if (upid) await pve.waitForTask(upid, { signal })
  return { volid }
}
