// Finds machines that the HA manager has given up on.
import { ProvisionError } from '../../errors.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import { keepsRunning } from '../machine/power.ts'

/** In this state the manager accepts nothing but `disabled` (pve-ha-manager `Manager.pm` `next_state_error`). */
export function isGivenUp({ ha }: Pick<GuestFacts, 'ha'>): boolean {
  return ha?.current === 'error'
}

/** The commands that bring a service out of its error. */
export function recovery(vmid: number): string {
  return `As root on any node: ha-manager set vm:${vmid} --state disabled\nand when that is done: ha-manager set vm:${vmid} --state started`
}

/** The manager accepts the start and does not carry it out. */
export function haProblem(machine: Machine, guest: GuestFacts): ProvisionError | undefined {
  const { name, start, declared, ha } = machine
  const isTakenOut = declared.has('ha') && ha === undefined
  if (!start || keepsRunning(guest) || isTakenOut || !isGivenUp(guest)) return undefined
  return new ProvisionError(
    'CONFLICT',
    `The HA manager has given up on ${name} (${guest.vmid} on ${guest.node}): it is in state \`error\` and will not start it.`,
    {
      hint: `Find out why it did not start, then\n${recovery(guest.vmid)}`,
      details: { machine: name, key: 'ha', vmid: guest.vmid },
    },
  )
}

/** The manager does not stop a VM in this state, and Proxmox leaves each stop to the manager. */
export function stuckInHa({ name }: Machine, guest: GuestFacts): readonly ProvisionError[] {
  if (!isGivenUp(guest) || guest.status !== 'running') return []
  return [
    new ProvisionError(
      'CONFLICT',
      `${name} (${guest.vmid} on ${guest.node}) cannot be replaced: the HA manager has given up on it (state \`error\`), so Proxmox cannot shut it down.`,
      { hint: recovery(guest.vmid), details: { machine: name, key: 'ha', vmid: guest.vmid } },
    ),
  ]
}
