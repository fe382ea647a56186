// Plans to adopt existing VMs: adds the marker, and shows what the manifest would change later. Pure.
import { ProvisionError } from '../../errors.ts'
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import { compareMachine } from '../compare/compare-machine.ts'
import { completePlan } from '../complete-plan.ts'
import type { Plan, PlannedMachine } from '../plan.ts'
import type { Step } from '../step.ts'
import { adoptable, adoptedMarker, isAdopted, takenOver } from './adoptable.ts'

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
  const { guests } = facts
  const planned = adoptions.map((adoption) => planAdoption(adoption, { desired, fromOthers, guests }))
  const own = new Set(adoptions.map(({ vmid }) => vmid))
  const others = guests.filter(({ vmid }) => !own.has(vmid))
  const known = { ...facts, guests: [...others, ...adoptions.map((one) => asOurs(one, desired.project))] }
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
  /** The machines of the project. */
  readonly guests: readonly GuestFacts[]
}

function planAdoption(
  adoption: Adoption,
  { desired: { project }, fromOthers, guests }: Planning,
): { readonly step: Step; readonly machine: PlannedMachine } {
  const { machine, vmid, node, config } = adoption
  const known = guests.find((guest) => guest.vmid === vmid)
  if (isAdopted(machine, known?.marker, project)) return keepAdopted(adoption)
  const { changes, differences, problem: conflict } = compareMachine(machine, asOurs(adoption, project), { project })
  const problem =
    adoptable({ machine, vmid, config, project, fromOthers, guests }) ?? (conflict && declareIt(machine, conflict))
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

/** It belongs to the project already. */
function keepAdopted({ machine: { name }, vmid, node }: Adoption): {
  readonly step: Step
  readonly machine: PlannedMachine
} {
  const step: Step = {
    id: `adopt:${name}`,
    kind: 'adopt',
    machine: name,
    vmid,
    node,
    fromOthers: false,
    action: 'keep',
    why: `${vmid} on ${node} is ${name} already`,
    needs: [],
    lanes: [],
    known: { guest: { vmid, node } },
  }
  return { step, machine: { name, vmid, node, action: 'keep', changes: [] } }
}

/** What cannot be changed in place would be a problem of every plan after the adoption. */
function declareIt({ name, entry }: Machine, { message, details }: ProvisionError): ProvisionError {
  return new ProvisionError('CONFLICT', message, {
    hint: `Declare ${entry} as it is, then adopt it: pve-provision adopt ${name} ${details.vmid}`,
    details,
  })
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
