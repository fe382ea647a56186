// Creates the state of each machine after a run: node, power, addresses, tags and image, even if nothing was done.
import { OWNER_TAG } from '../facts/cluster/marker.ts'
import type { Facts, GuestFacts } from '../facts/facts.ts'
import type { Desired, Machine } from '../manifest/manifest.ts'
import { staticAddresses } from '../manifest/static-addresses.ts'
import { splitTags } from '../plan/config/property-string.ts'
import type { PlannedMachine } from '../plan/plan.ts'
import type { StepKind, StepResult } from '../plan/step.ts'
import type { MachineReport, Outcome } from './report.ts'

export interface Reported {
  readonly desired: Desired
  readonly facts: Facts
  readonly outcomes: readonly Outcome[]
  readonly machines: readonly PlannedMachine[]
  readonly seen?: ReadonlyMap<number, readonly string[]> | undefined
}

const MACHINE_KINDS: readonly StepKind[] = [
  'create',
  'replace',
  'adopt',
  'rename',
  'move',
  'move-disks',
  'remove-disks',
  'restart',
  'update',
  'start',
  'wait',
  'destroy',
]

/** Returns the machines of the plan that had steps, in the order of the plan. */
export function machineReports({ desired, facts, outcomes, machines, seen }: Reported): readonly MachineReport[] {
  const own = Map.groupBy(
    outcomes.filter(({ step }) => MACHINE_KINDS.includes(step.kind)),
    ({ step }) => nameOf(step) ?? '',
  )
  const declared = new Map(desired.machines.map((machine) => [machine.name, machine]))
  const guests = new Map(facts.guests.map((guest) => [guest.vmid, guest]))
  const names = [...new Set(machines.map(({ name }) => name))]
  return names.flatMap((name) => {
    const steps = own.get(name)
    return steps === undefined ? [] : [machineReport(name, steps, { machine: declared.get(name), guests, seen })]
  })
}

interface Known {
  readonly machine: Machine | undefined
  readonly guests: ReadonlyMap<number, GuestFacts>
  readonly seen: Reported['seen']
}

function machineReport(name: string, own: readonly Outcome[], { machine, guests, seen }: Known): MachineReport {
  const place = own.findLast(({ result }) => result?.guest)?.result?.guest ?? placeBefore(name, guests)
  const told = own.findLast(({ result }) => result?.addresses)?.result?.addresses
  const ips = told ?? (place && seen?.get(place.vmid))
  const pending = own.findLast(({ result }) => result?.pending)?.result?.pending ?? []
  const guest = place && guests.get(place.vmid)
  const status = statusOf(own)
  const power = powerOf(own, guest)
  const image = machine?.image ?? guest?.marker.image
  return {
    name,
    ...place,
    status,
    ...(place && status !== 'destroyed' && power !== undefined && { power }),
    addresses: machine === undefined ? [] : staticAddresses(machine),
    ...(ips && { ips }),
    tags: tagsOf(machine, guest),
    ...(image !== undefined && { image }),
    ...(pending.length > 0 && { pending }),
  }
}

/** Returns the place of a machine whose step failed without a result. Undefined if two have the same name. */
function placeBefore(name: string, guests: Known['guests']): StepResult['guest'] {
  const own = [...guests.values()].filter(({ marker }) => marker.kind === 'machine' && marker.name === name)
  const [only] = own
  return own.length === 1 && only ? { vmid: only.vmid, node: only.node } : undefined
}

/** A machine that this run created is not in the listing. It runs if this run started it. */
function powerOf(own: readonly Outcome[], guest: GuestFacts | undefined): MachineReport['power'] {
  if (guest?.isPaused) return 'paused'
  const start = own.find(({ step }) => step.kind === 'start')
  if (start?.status === 'done' || start?.status === 'kept') return 'running'
  const isMade = own.some(({ step, status }) => step.kind === 'create' && status === 'done')
  return isMade ? 'stopped' : guest?.status
}

/** Returns the tags without the owner tag: the declared ones, else the current ones. */
function tagsOf(machine: Machine | undefined, guest: GuestFacts | undefined): readonly string[] {
  if (machine?.declared.has('tags')) return machine.tags
  return splitTags(guest?.config.tags).filter((tag) => tag !== OWNER_TAG)
}

function nameOf(step: Outcome['step']): string | undefined {
  if ('machine' in step) return step.machine
  return step.kind === 'destroy' ? step.name : undefined
}

function statusOf(own: readonly Outcome[]): MachineReport['status'] {
  for (const status of ['failed', 'blocked', 'cancelled'] as const) {
    if (own.some((outcome) => outcome.status === status)) return status
  }
  const done = own.filter(({ status }) => status === 'done').map(({ step }) => step.kind)
  if (done.includes('create')) return 'created'
  if (done.includes('replace')) return 'replaced'
  if (done.includes('destroy')) return 'destroyed'
  return done.length > 0 ? 'updated' : 'kept'
}
