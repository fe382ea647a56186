// A machine's entry in Proxmox's HA manager.
import type { Machine } from '../manifest/manifest.ts'
import type { GuestPlace } from './guest-config.ts'
import type { StepContext } from './step-context.ts'

/** Puts a machine under HA, or leaves it there. Groups became rules in Proxmox VE 9 and are sent to older ones only. */
export async function ensureHa(
  { ha, start, name }: Machine,
  { vmid }: GuestPlace,
  context: StepContext,
): Promise<void> {
  const { world, signal, onRetry, facts, note } = context
  if (ha === undefined) return
  const resources = await world.pve.request<readonly { readonly sid: string }[]>('GET', '/cluster/ha/resources', {
    signal,
  })
  if (resources.some(({ sid }) => sid === `vm:${vmid}`)) return
  const hasGroups = facts.cluster.version.major < 9
  if (ha.group !== undefined && !hasGroups)
    note('warning', `${name}: HA groups became rules in Proxmox VE 9; \`ha.group\` is not set.`)
  const parameters = {
    sid: `vm:${vmid}`,
    // With `started` the manager would start it before its turn.
    state: start ? 'ignored' : 'stopped',
    ...(ha.group !== undefined && hasGroups && { group: ha.group }),
    ...(ha.maxRestart !== undefined && { max_restart: ha.maxRestart }),
    ...(ha.maxRelocate !== undefined && { max_relocate: ha.maxRelocate }),
  }
  await world.pve.request('POST', '/cluster/ha/resources', { parameters, signal, onRetry })
}
