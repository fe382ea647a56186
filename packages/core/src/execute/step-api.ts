// The typed Proxmox API for a step. It is separate from the context, whose public types must not contain `proxmox-api`.
import { api, type PveApi } from '../ports/pve/api.ts'
import type { StepContext } from './step-context.ts'

/** Returns the Proxmox API for this step. Its calls abort with the run, and report retries to the lanes. */
export function pveOf({ world, signal, onRetry }: Pick<StepContext, 'world' | 'signal' | 'onRetry'>): PveApi {
  return api(world.pve, { signal, onRetry })
}
