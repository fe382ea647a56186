// Detects a machine that was converted to a template by hand.
import { ProvisionError } from '../../errors.ts'
import { isTemplate } from '../../facts/cluster/template-state.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'

/** A user converted it to a template. It cannot be started any more, and its disks are read-only. */
export function templateProblem({ name }: Machine, { vmid, node, config }: GuestFacts): ProvisionError | undefined {
  if (!isTemplate(config)) return undefined
  return new ProvisionError(
    'CONFLICT',
    `${name} (${vmid} on ${node}) was converted to a template in Proxmox and cannot run.`,
    {
      hint: `To create the machine again from its image: pve-provision apply --replace ${name}`,
      details: { machine: name, key: 'name', vmid },
    },
  )
}
