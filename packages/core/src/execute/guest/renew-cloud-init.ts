// Updates the cloud-init drive of a running guest, for its next boot.
import { ProvisionError } from '../../errors.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import { type ConfigUpdate, firstBootChange } from '../../plan/first-boot/first-boot-change.ts'
import { pveOf } from '../step-api.ts'
import type { StepContext } from '../step-context.ts'

/**
 * Proxmox writes the drive when a VM starts, so a reboot from inside would read the old one. This asks Proxmox to write
 * it now (`PUT cloudinit`, 8.4 and 9.2). The guest applies it at its next boot.
 */
export async function renewCloudInit(guest: GuestFacts, update: ConfigUpdate, context: StepContext): Promise<void> {
  const change = firstBootChange(update, guest.config)
  if (guest.status !== 'running' || change === undefined) return
  // Pending boot changes are reported elsewhere. Warn only that a reboot from inside would read the old drive.
  if (change.isDriveStale && !(await renewDrive(guest, context)))
    context.warn(
      `Changes to cloud-init of ${guest.name} take effect after it is stopped and started: its drive could not be updated.`,
    )
}

/** A token may be allowed to change the keys but not to write the drive. */
async function renewDrive({ vmid, node }: GuestFacts, context: StepContext): Promise<boolean> {
  try {
    await pveOf(context).nodes.$(node).qemu.$(vmid).cloudinit.$put()
    return true
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code !== 'CANCELLED') return false
    throw thrown
  }
}
