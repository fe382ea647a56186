// Sends one change of a guest's config, with the API call that suits it.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Verdict } from '../../plan/compare/compare-machine.ts'
import { configParameters, type PveApi } from '../../ports/pve/api.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import type { StepContext } from '../step-context.ts'
import { withLeftCloudInit } from './cloud-init-leftover.ts'
import { runTask } from './run-task.ts'

export type ConfigChange = Pick<Verdict, 'set' | 'remove'>

/**
 * Sends nothing if there is no change. A change that a running guest cannot apply stays pending, which is not an error.
 */
export async function changeConfig(guest: GuestFacts, change: ConfigChange, context: StepContext): Promise<void> {
  const { set, remove } = change
  if (Object.keys(set).length === 0 && remove.length === 0) return
  try {
    await sendChange(guest, change, context)
  } catch (thrown) {
    // The other keys of the same call were changed, and this one waits for a restart.
    if (isProblem(thrown, 'hotplug')) return
    const instead = await withLeftCloudInit(guest, { set, thrown }, context)
    if (instead === undefined) throw thrown
    await sendChange(guest, { set: instead, remove }, context)
  }
}

/** Returns true if a drive is created or replaced, not if only options of an existing drive change. */
export function allocates({ set }: Pick<Verdict, 'set'>): boolean {
  return Object.entries(set).some(
    ([key, value]) =>
      /^(ide|efidisk|tpmstate)\d+$/.test(key) ||
      (/^(scsi|virtio|sata)\d+$/.test(key) && /^[^,]*:\d+(\.\d+)?(,|$)/.test(String(value))),
  )
}

async function sendChange(
  { vmid, node, config, status }: GuestFacts,
  { set, remove }: ConfigChange,
  context: StepContext,
): Promise<void> {
  const parameters = {
    ...configParameters(set),
    delete: remove.length > 0 ? remove.join(',') : undefined,
    // Proxmox refuses the call if another user changed the config since it was read.
    digest: typeof config.digest === 'string' ? config.digest : undefined,
  }
  // A call must be answered within 30 s. Allocating and unplugging may take longer, so these run as a task.
  const isQuick = status === 'stopped' && !allocates({ set })
  const start = (api: PveApi) => {
    const route = api.nodes.$(node).qemu.$(vmid).config
    return isQuick ? route.$put(parameters) : route.$post(parameters)
  }
  await runTask({ guest: { vmid, node }, start }, context)
}
