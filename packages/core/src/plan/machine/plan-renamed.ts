// Plans a machine whose name changed in the manifest: renames it in place, then changes it like any other.
import { ProvisionError } from '../../errors.ts'
import { retiredName } from '../../facts/cluster/retired.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { Change } from '../change/change.ts'
import { awaitedKeys, awaitsOf } from '../compare/pending.ts'
import { firstBootChange } from '../first-boot/first-boot-change.ts'
import type { PlannedMachine } from '../plan.ts'
import { namesakeProblems } from '../problems/id-problems.ts'
import { lockProblem } from '../problems/lock-problem.ts'
import { type MachinePlanner, problemOf } from './machine-planner.ts'
import { planExisting } from './plan-existing.ts'
import { planReplaced } from './plan-replaced.ts'

/** Returns the guests with the former name of a machine. Empty if another entry has that name. */
export function renamedGuests(
  { renamedFrom }: Machine,
  { desired, guests }: Pick<MachinePlanner, 'desired' | 'guests'>,
): readonly GuestFacts[] {
  if (renamedFrom === undefined || desired.machines.some(({ name }) => name === renamedFrom)) return []
  return guests.get(renamedFrom) ?? []
}

/** A run was interrupted while it replaced the VM, which has two names until that is finished. */
export function halfReplaced(
  { name, entry, renamedFrom }: Machine,
  { guests }: Pick<MachinePlanner, 'guests'>,
): ProvisionError | undefined {
  const [old] = renamedFrom === undefined ? [] : (guests.get(retiredName(renamedFrom)) ?? [])
  if (old === undefined) return undefined
  return new ProvisionError(
    'CONFLICT',
    `${renamedFrom} (${old.vmid} on ${old.node}) is being replaced, so it cannot become ${name} yet.`,
    {
      hint: `Finish the replacement first: give ${entry} its former name again, then pve-provision apply`,
      details: { machine: name, key: 'renamedFrom', vmid: old.vmid },
    },
  )
}

export function planRenamed(machine: Machine, guest: GuestFacts, planner: MachinePlanner): PlannedMachine {
  const { vmid, node, marker, config } = guest
  const isReplaced = planner.replaced.has(machine.name)
  // With a fixed id the old VM is destroyed first, so it needs no new name.
  if (isReplaced && machine.vmid !== undefined)
    return renamedTo(machine, planReplaced(machine, guest, planner), { from: marker.name })
  const problems = [
    ...lockProblem(machine, guest),
    ...(planner.allowNamesake ? [] : namesakeProblems(machine, planner)),
  ]
  const rename = planner.add({
    id: `rename:${machine.name}`,
    kind: 'rename',
    machine: machine.name,
    from: marker.name,
    vmid,
    node,
    action: 'run',
    why: `renamed in the manifest, was ${marker.name} (${vmid} on ${node})`,
    needs: [],
    lanes: [`node:${node}`],
    ...problemOf(problems),
  })
  planner.report(rename, problems)
  const told = firstBootChange({ set: { name: machine.name }, remove: [] }, config)
  const awaits = told && awaitsOf(guest, [...awaitedKeys(guest), 'name'])
  const after: GuestFacts = {
    ...guest,
    name: machine.name,
    marker: { ...marker, name: machine.name, ...(awaits !== undefined && { awaits }) },
    config: { ...config, name: machine.name },
  }
  const next = { ...planner, after: [rename] }
  const planned = isReplaced ? planReplaced(machine, after, next) : planExisting(machine, after, next)
  return renamedTo(machine, planned, { from: marker.name, told: isReplaced ? undefined : told })
}

interface Rename {
  readonly from: string
  /** When the guest learns it. Absent: at once. */
  readonly told?: Pick<Change, 'when' | 'impact'> | undefined
}

/** Adds the change of the name. */
function renamedTo({ name }: Machine, planned: PlannedMachine, { from, told }: Rename): PlannedMachine {
  const effect =
    told === undefined ? { when: 'now' as const } : { when: told.when, ...(told.impact && { impact: told.impact }) }
  const change: Change = { key: 'name', before: from, after: name, ...effect }
  const action = planned.action === 'keep' ? 'update' : planned.action
  const { pending = [], ...rest } = planned
  // It waits for the boot only after this run, and is among the changes.
  const earlier = pending.filter(({ key }) => key !== 'name')
  return { ...rest, action, changes: [change, ...planned.changes], ...(earlier.length > 0 && { pending: earlier }) }
}
