// One change of a guest's config, as the call that suits it.
import type { GuestFacts } from '../../facts/facts.ts'
import type { Verdict } from '../../plan/compare/compare-machine.ts'
import { configParameters, type PveApi } from '../../ports/pve/api.ts'
import { isProblem } from '../../ports/pve/call/pve-problem.ts'
import type { StepContext } from '../step-context.ts'
import { withLeftCloudInit } from './cloud-init-leftover.ts'
import { runTask } from './run-task.ts'

export type ConfigChange = Pick<Verdict, 'set' | 'remove'>

/** Sends nothing where nothing changes. What a guest does not let go of stays pending, and is no failure. */
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

/** A drive that is made, or replaced by another; options of one that is there are none. */
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
    // Proxmox refuses when somebody else changed the config since it was read.
    digest: typeof config.digest === 'string' ? config.digest : undefined,
  }
  // What allocates or unplugs may take long, and an answer must come within 30 s: that goes as a task.
  const isQuick = status === 'stopped' && !allocates({ set })
  const start = (api: PveApi) => {
    const route = api.nodes.$(node).qemu.$(vmid).config
    return isQuick ? route.$put(parameters) : route.$post(parameters)
  }
  await runTask({ guest: { vmid, node }, start }, context)
}
