// Plans to adopt existing VMs: adds the marker, and shows what the manifest would change later. Pure.
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import { compareMachine } from '../compare/compare-machine.ts'
import { completePlan } from '../complete-plan.ts'
import type { Plan, PlannedMachine } from '../plan.ts'
import type { Step } from '../step.ts'
import { adoptable, adoptedMarker, takenOver } from './adoptable.ts'

/** A machine of the manifest and the guest that it takes over. */
export interface Adoption {
  readonly machine: Machine
  readonly vmid: number
  readonly node: string
  readonly config: GuestFacts['config']
  readonly status: GuestFacts['status']
  readonly pool?: string | undefined
  readonly ha?: GuestFacts['ha']
}

export interface AdoptOptions {
  /** Allow VMs that carry the marker of another project. */
  readonly fromOthers?: boolean | undefined
}

export interface AdoptInput {
  readonly desired: Desired
  readonly facts: Facts
  readonly adoptions: readonly Adoption[]
}

/** Plans to mark these guests as machines of the manifest. Other differences are shown but not changed. */
export function makeAdoptPlan(
  { desired, facts, adoptions }: AdoptInput,
  { fromOthers = false }: AdoptOptions = {},
): Plan {
  const planned = adoptions.map((adoption) => planAdoption(adoption, { desired, fromOthers }))
  const known = { ...facts, guests: [...facts.guests, ...adoptions.map((one) => asOurs(one, desired.project))] }
  const draft = {
    steps: planned.map(({ step }) => step),
    machines: planned.map(({ machine }) => machine),
    orphans: [],
    notes: [],
  }
  return completePlan(draft, { desired, facts: known })
}

interface Planning {
  readonly desired: Desired
  readonly fromOthers: boolean
}

function planAdoption(
  adoption: Adoption,
  { desired: { project }, fromOthers }: Planning,
): { readonly step: Step; readonly machine: PlannedMachine } {
  const { machine, vmid, node, config } = adoption
  const problem = adoptable({ machine, vmid, config, project, fromOthers })
  const { changes, differences } = compareMachine(machine, asOurs(adoption, project), { project })
  return {
    step: {
      id: `adopt:${machine.name}`,
      kind: 'adopt',
      machine: machine.name,
      vmid,
      node,
      fromOthers,
      action: 'run',
      why: `${vmid} on ${node} becomes ${machine.name} of ${project}; only its notes and tags change`,
      needs: [],
      lanes: [`node:${node}`],
      ...(problem && { problem }),
    },
    machine: {
      name: machine.name,
      vmid,
      node,
      action: problem ? 'blocked' : 'adopt',
      changes,
      ...(differences.length > 0 && { differences }),
    },
  }
}

/** Returns the guest as it will be with the marker. */
function asOurs({ machine, vmid, node, config, status, pool, ha }: Adoption, project: string): GuestFacts {
  const marker = adoptedMarker(machine, project)
  const name = typeof config.name === 'string' ? config.name : machine.name
  return {
    vmid,
    node,
    name,
    marker,
    template: false,
    status,
    config: takenOver(config, marker),
    ...(pool !== undefined && { pool }),
    ...(ha && { ha }),
  }
}
