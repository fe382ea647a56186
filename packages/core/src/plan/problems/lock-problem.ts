// Finds machines that Proxmox has locked, because a task works on them or because they are suspended to disk.
import { ProvisionError } from '../../errors.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'

/** The VM is being created or removed. The run waits for that. */
const IN_FLIGHT: ReadonlySet<string> = new Set(['create', 'clone', 'destroyed'])

/** Proxmox refuses to change or to restart such a VM (qemu-server `check_lock`). */
export function lockProblem({ name }: Machine, { vmid, node, lock }: GuestFacts): readonly ProvisionError[] {
  if (lock === undefined || IN_FLIGHT.has(lock)) return []
  const details = { machine: name, vmid }
  if (lock === 'suspended')
    return [
      new ProvisionError('CONFLICT', `${name} (${vmid}) is suspended to disk, so Proxmox refuses to change it.`, {
        hint: `Resume it first, as root on ${node}: qm resume ${vmid}`,
        details,
      }),
    ]
  return [
    new ProvisionError('CONFLICT', `${name} (${vmid}) is locked (${lock}), so Proxmox refuses to change it.`, {
      hint: `Wait until the lock is gone, or look at the tasks of ${node}.`,
      details,
    }),
  ]
}
