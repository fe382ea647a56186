// Moves data disks from one VM to another on the same node. Proxmox renames them on their storage, without a copy.
import { readConfig } from '../../facts/cluster/observe-guests.ts'
import { dataDisksOf } from '../../plan/day-two/replacement-losses.ts'
import type { PveApi } from '../../ports/pve/api.ts'
import type { GuestPlace, OwnGuest } from '../guest/guest-config.ts'
import { runTask } from '../guest/run-task.ts'
import type { StepContext } from '../step-context.ts'

type MoveParameters = Parameters<ReturnType<ReturnType<PveApi['nodes']['$']>['qemu']['$']>['move_disk']['$post']>[0]

/**
 * Moves the disks one by one, each to the same key. Proxmox removes a disk from one config before it writes the other.
 * So a run that is killed in between loses track of at most one disk, which `qm rescan` finds.
 */
export async function carryDisks(from: OwnGuest, to: GuestPlace, context: StepContext): Promise<readonly string[]> {
  const disks = dataDisksOf(from)
  for (const disk of disks) {
    context.signal.throwIfAborted()
    const parameters = { disk, 'target-vmid': to.vmid, 'target-disk': disk } as MoveParameters
    try {
      await runTask(
        { guest: from, start: (api) => api.nodes.$(from.node).qemu.$(from.vmid).move_disk.$post(parameters) },
        context,
      )
    } catch (thrown) {
      if (!(await isMoved(disk, { from, to }, context))) throw thrown
    }
  }
  return disks
}

const MOST_LOOKS = 10

/** Another run may move the same disk. Between the two writes of Proxmox, neither VM has it. */
async function isMoved(
  disk: string,
  { from, to }: { readonly from: GuestPlace; readonly to: GuestPlace },
  { world: { pve, clock }, signal }: StepContext,
): Promise<boolean> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const [source, target] = await Promise.all([readConfig(from, pve, signal), readConfig(to, pve, signal)])
    if (source?.[disk] !== undefined || target === undefined) return false
    if (target[disk] !== undefined) return true
    await clock.sleep(1_000, signal)
  }
  return false
}
