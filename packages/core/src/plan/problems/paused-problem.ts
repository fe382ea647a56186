// Finds machines that cannot be shut down, because they are paused.
import { ProvisionError } from '../../errors.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'

/**
 * Proxmox refuses to shut down a paused VM (qemu-server `vm_shutdown`, `vm_reboot`). To stop it by force would lose what
 * the guest has not written yet, and only a person knows why it is paused.
 * @param what what needs the shutdown
 */
export function pausedProblem(
  { name }: Machine,
  { vmid, node, isPaused = false }: GuestFacts,
  what: 'restarted' | 'replaced',
): readonly ProvisionError[] {
  if (!isPaused) return []
  return [
    new ProvisionError('CONFLICT', `${name} (${vmid}) is paused, so it cannot be shut down to be ${what}.`, {
      hint: `Resume it first, as root on ${node}: qm resume ${vmid}\nIf it does not matter what it has not written to its disks: qm stop ${vmid}`,
      details: { machine: name, key: 'start', vmid },
    }),
  ]
}
