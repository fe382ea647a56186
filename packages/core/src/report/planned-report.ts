// Reports the machines of a plan in the same format as those of a run.
import { OWNER_TAG } from '../facts/cluster/marker.ts'
import type { Facts } from '../facts/facts.ts'
import type { Desired } from '../manifest/manifest.ts'
import { staticAddresses } from '../manifest/static-addresses.ts'
import { splitTags } from '../plan/config/property-string.ts'
import { shownPower } from '../plan/machine/power.ts'
import type { MachineAction, Plan } from '../plan/plan.ts'
import type { MachineReport } from './report.ts'

/** A machine with its current state, and what the plan would do with it. `power` is absent if it does not exist. */
export interface PlannedReport extends Omit<MachineReport, 'status'> {
  readonly status: MachineAction
}

/**
 * Returns the machines in the order of the plan. Addresses from the guest agent are included if the manifest requires
 * its answer.
 */
export function plannedReports({ desired, facts, plan }: Planned): readonly PlannedReport[] {
  const declared = new Map(desired.machines.map((machine) => [machine.name, machine]))
  const guests = new Map(facts.guests.map((guest) => [guest.vmid, guest]))
  return plan.machines.map(({ name, vmid, node, action, pending }) => {
    const machine = declared.get(name)
    const guest = vmid === undefined ? undefined : guests.get(vmid)
    const ips = vmid === undefined ? undefined : facts.answers?.get(vmid)
    const tags = machine?.declared.has('tags') ? machine.tags : splitTags(guest?.config.tags)
    const image = machine?.image ?? guest?.marker.image
    return {
      name,
      ...(vmid !== undefined && { vmid }),
      node,
      status: action,
      ...(guest && { power: shownPower(guest) }),
      addresses: machine === undefined ? [] : staticAddresses(machine),
      ...(ips && { ips }),
      tags: tags.filter((tag) => tag !== OWNER_TAG),
      ...(image !== undefined && { image }),
      ...(pending && { pending }),
    }
  })
}

export interface Planned {
  readonly desired: Desired
  readonly facts: Facts
  readonly plan: Plan
}
