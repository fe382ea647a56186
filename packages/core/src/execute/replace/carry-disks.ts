// Hands data disks from one machine to another on the same node: a rename on their storage, nothing is copied.
import { isCd } from '../../plan/config/device-config.ts'
import { isDriveKey } from '../../plan/config/disk-config.ts'
import type { PveApi } from '../../ports/pve/api.ts'
import type { GuestPlace, OwnGuest } from '../guest/guest-config.ts'
import { runTask } from '../guest/run-task.ts'
import type { StepContext } from '../step-context.ts'

type MoveParameters = Parameters<ReturnType<ReturnType<PveApi['nodes']['$']>['qemu']['$']>['move_disk']['$post']>[0]

/** The boot disk is the image's; CDs are made again. Disks that are detached (`unused0`) hold data as well. */
export function dataDisksOf({ config }: Pick<OwnGuest, 'config'>): readonly string[] {
  return Object.keys(config)
    .filter((key) => (isDriveKey(key) || /^unused\d+$/.test(key)) && key !== 'scsi0' && !isCd(config[key]))
    .sort()
}

/**
 * Each under the same key, one after the other: Proxmox takes the disk from one config before it writes the other, so a
 * run that ends in between leaves one disk at most, which `qm rescan` finds.
 */
export async function carryDisks(from: OwnGuest, to: GuestPlace, context: StepContext): Promise<readonly string[]> {
  const disks = dataDisksOf(from)
  for (const disk of disks) {
    context.signal.throwIfAborted()
    const parameters = { disk, 'target-vmid': to.vmid, 'target-disk': disk } as MoveParameters
    await runTask(
      { guest: from, start: (api) => api.nodes.$(from.node).qemu.$(from.vmid).move_disk.$post(parameters) },
      context,
    )
  }
  return disks
}
