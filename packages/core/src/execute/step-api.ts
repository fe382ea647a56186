// Proxmox's typed API for a step. Apart from the context, whose types are public and must not name `proxmox-api`.
import { api, type PveApi } from '../ports/pve/api.ts'
import type { StepContext } from './step-context.ts'

/** Proxmox's API for this step: its calls end with the run, and tell the lanes when they are repeated. */
export function pveOf({ world, signal, onRetry }: Pick<StepContext, 'world' | 'signal' | 'onRetry'>): PveApi {
  return api(world.pve, { signal, onRetry })
}
