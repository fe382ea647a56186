// Plans the removal of a project: its machines, then the templates that no machine needs any more. Pure.
import type { Facts, GuestFacts } from '../facts/facts.ts'
import type { Desired } from '../manifest/manifest.ts'
import { type Named, select } from '../manifest/select.ts'
import { completePlan } from './complete-plan.ts'
import { isExpired } from './day-two/expiry.ts'
import { destroyStep, guarded, templateSteps } from './destroy-step.ts'
import type { Plan, PlannedMachine } from './plan.ts'
import { orphansOf, otherFileNotes, otherFiles, strandedNotes } from './plan-notes.ts'
import type { Step } from './step.ts'

/** Which machines `makeDestroyPlan` removes. Default: all of the project. */
export interface DestroyOptions {
  /** Only these machines: names, entries of the manifest, patterns, or `NAME@VMID` for one of two. Templates stay. */
  readonly only?: readonly string[] | undefined
  /** Only machines that have expired at this time, in milliseconds since the epoch. */
  readonly expiredAtMs?: number | undefined
  /** Only machines that are not in the manifest. */
  readonly orphans?: boolean | undefined
}

/**
 * Plans the removal of everything with this project's marker, except machines of its other manifest files. Image volumes
 * stay: see `images prune`.
 * @throws ProvisionError `USAGE` for an unknown name in `only`
 */
export function makeDestroyPlan(desired: Desired, facts: Facts, options: DestroyOptions = {}): Plan {
  const { only = [], expiredAtMs, orphans = false } = options
  const machines = facts.guests.filter(({ marker }) => marker.kind === 'machine')
  const isPart = only.length > 0 || expiredAtMs !== undefined || orphans
  const others = isPart && !orphans ? [] : [...otherFiles(desired, facts).values()].flat()
  const own = machines.filter((guest) => !others.includes(guest))
  const isDue = (guest: GuestFacts) => expiredAtMs === undefined || isExpired(guest, expiredAtMs)
  const chosen = namedGuests(orphans ? orphanGuests(machines, desired, facts) : own, desired, only).filter(isDue)
  const steps = uniquelyNamed(
    chosen.map((guest) => guarded(destroyStep(guest, whyOf(guest, desired.project, expiredAtMs)), guest, desired)),
  )
  const needed = new Set(others.map(({ marker }) => marker.base))
  const templates = isPart
    ? []
    : facts.guests.filter(({ marker }) => marker.kind === 'template' && !needed.has(marker.base))
  const needs = steps.map(({ id }) => id)
  // Linked clones are removed before their template, because Proxmox refuses to remove a base disk that is in use.
  const bases = templateSteps(templates, (guest) => `template ${guest.vmid} of ${desired.project}`, needs)
  const notes = [...strandedNotes(facts), ...(others.length > 0 ? otherFileNotes(desired, facts) : [])]
  const draft = { steps: [...steps, ...bases], machines: steps.flatMap(removedMachine), orphans: [], notes }
  return completePlan(draft, { desired, facts })
}

function orphanGuests(machines: readonly GuestFacts[], desired: Desired, facts: Facts): readonly GuestFacts[] {
  const ids = new Set(orphansOf(desired, facts).map(({ vmid }) => vmid))
  return machines.filter(({ vmid }) => ids.has(vmid))
}

function whyOf({ vmid, marker }: GuestFacts, project: string, expiredAtMs: number | undefined): string {
  return expiredAtMs === undefined ? `${vmid} carries the marker of ${project}` : `it expired at ${marker.expires}`
}

function removedMachine(step: Step): readonly PlannedMachine[] {
  if (step.kind !== 'destroy') return []
  const { name, vmid, node, problem } = step
  return [{ name, vmid, node, action: problem ? 'blocked' : 'remove', changes: [] }]
}

/**
 * Selects guests by name. An unknown name is an error, because it would look like a machine that is already gone.
 * @throws ProvisionError `USAGE`
 */
function namedGuests(
  guests: readonly GuestFacts[],
  { machines, project }: Desired,
  only: readonly string[],
): readonly GuestFacts[] {
  const entries = new Map(machines.map(({ name, entry }) => [name, entry]))
  const there = guests.map((guest) => {
    const { name } = guest.marker
    return { name, entry: entries.get(name) ?? name, vmid: guest.vmid, guest }
  })
  // Machines of the manifest that do not exist can be named too: they are already gone, which is not an error.
  const named = select<Named & { readonly guest?: GuestFacts }>([...there, ...machines], only, {
    where: `of ${project}, in Proxmox or in the manifest,`,
  })
  return named.flatMap(({ guest }) => guest ?? [])
}

/** Makes step ids unique, because parallel runs may have left two machines with one name. */
function uniquelyNamed(steps: readonly Step[]): readonly Step[] {
  const seen = new Set<string>()
  return steps.map((step) => {
    const id = seen.has(step.id) && step.kind === 'destroy' ? `${step.id}@${step.vmid}` : step.id
    seen.add(id)
    return { ...step, id }
  })
}
