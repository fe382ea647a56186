// Plans a machine that exists: keeps it or changes it in place.

import { ProvisionError } from '../../errors.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { Change } from '../change/change.ts'
import { compareMachine, type Verdict } from '../compare/compare-machine.ts'
import { seedOf } from '../compare/find-machine.ts'
import { diskMoves } from '../day-two/disk-moves.ts'
import { type Moved, planMoves } from '../day-two/plan-move.ts'
import { seedVolume } from '../first-boot/seed-documents.ts'
import type { PlannedMachine } from '../plan.ts'
import { addressProblems } from '../problems/address-problems.ts'
import { haProblem } from '../problems/ha-problem.ts'
import { lockProblem } from '../problems/lock-problem.ts'
import { pausedProblem } from '../problems/paused-problem.ts'
import { settingProblems } from '../problems/setting-problems.ts'
import { templateProblem } from '../problems/template-problem.ts'
import type { Step, Touches } from '../step.ts'
import { NO_DISKS, type PlannedDisks, planDiskImages, smallDisks } from './disk-images.ts'
import { type MachinePlanner, problemOf } from './machine-planner.ts'
import { planUnusedRemoval, unusedOf, withLoss } from './plan-unused.ts'
import { needsStart } from './power.ts'
import { planSeed, seedOptions } from './seed-step.ts'
import { planStart } from './start-steps.ts'

interface Existing {
  readonly machine: Machine
  readonly guest: GuestFacts
  readonly verdict: Verdict
  readonly problems: readonly ProvisionError[]
}

export function planExisting(machine: Machine, guest: GuestFacts, planner: MachinePlanner): PlannedMachine {
  const moved = planner.move ? planMoves(machine, guest, planner) : undefined
  return moved === undefined ? planInPlace(machine, guest, planner) : planMoved(machine, moved, planner)
}

/** Plans to move it first, then to change it in its new place. */
function planMoved(
  machine: Machine,
  { guest, after, changes, drives }: Moved,
  planner: MachinePlanner,
): PlannedMachine {
  const planned = planInPlace(machine, guest, { ...planner, node: guest.node, after: [after], moved: drives })
  return {
    ...planned,
    action: planned.action === 'blocked' ? 'blocked' : 'move',
    changes: [...changes, ...planned.changes],
  }
}

function planInPlace(machine: Machine, guest: GuestFacts, planner: MachinePlanner): PlannedMachine {
  const { node, vmid } = guest
  const verdict = compareMachine(machine, guest, { project: planner.desired.project })
  planner.verdicts.set(machine.name, verdict)
  planner.images.planKept(machine.image, { node, storage: machine.storage.disks })
  const problems = problemsOf(machine, guest, { planner, verdict })
  const existing: Existing = { machine, guest, verdict, problems }
  const isKept = verdict.action === 'keep' && problems.length === 0
  const kept = { ...keepStep(existing), needs: planner.after ?? [] }
  const id = planner.add(isKept ? kept : updateStep(existing, planner))
  planner.report(id, problems)
  if (machine.start) planStart(machine, { ...planner, node }, { createFrom: id, guest })
  const removal = planUnusedRemoval(existing, planner, id)
  const restarts = planner.restart && planRestart(machine, existing, { planner, createFrom: id })
  const starts = needsStart(machine, guest)
  const base = planner.images.currentBase(machine.image, { node, storage: machine.storage.disks })
  return {
    name: machine.name,
    vmid,
    node,
    action:
      problems.length + removal.problems.length > 0
        ? 'blocked'
        : restarts
          ? 'restart'
          : verdict.action === 'update' || starts || removal.changes.length > 0
            ? 'update'
            : 'keep',
    changes: [...withLoss(verdict.changes, planner), ...removal.changes, ...(starts ? [startOf(guest)] : [])],
    ...(verdict.pending.length > 0 && { pending: verdict.pending }),
    ...outdatedBy(base, existing, planner),
    ...(verdict.differences.length > 0 && { differences: verdict.differences }),
    ...unusedOf(existing, planner),
  }
}

/** The HA manager may have been told to stop a machine that still runs. */
function startOf({ status }: GuestFacts): Change {
  const reason = 'the HA manager was told to stop it'
  return { key: 'start', before: false, after: true, when: 'now', ...(status === 'running' && { reason }) }
}

/** A machine is unchanged when its image has a newer build. */
function outdatedBy(
  to: string | undefined,
  { machine, guest: { marker } }: Existing,
  { leftAlone }: MachinePlanner,
): Pick<PlannedMachine, 'outdated'> {
  const isOutdated = to !== undefined && marker.base !== '' && to !== marker.base && marker.image === machine.image
  const reason = leftAlone.get(machine.name)
  return isOutdated ? { outdated: { from: marker.base, to, ...(reason !== undefined && { leftAlone: reason }) } } : {}
}

interface Judged {
  readonly planner: MachinePlanner
  readonly verdict: Verdict
}

function problemsOf(machine: Machine, guest: GuestFacts, { planner, verdict }: Judged): readonly ProvisionError[] {
  const { facts, addresses } = planner
  const changed = new Set(verdict.changes.map(({ key }) => key))
  const template = templateProblem(machine, guest)
  if (template !== undefined) return [template]
  const conflict = storageProblem(machine, guest, facts) ?? verdict.problem
  const lost = haProblem(machine, guest)
  // A start resumes a machine that is suspended to disk.
  const isTouched = verdict.action === 'update' || (needsStart(machine, guest) && guest.lock !== 'suspended')
  return [
    ...(conflict === undefined ? [] : [conflict]),
    ...(isTouched ? lockProblem(machine, guest) : []),
    ...(lost === undefined ? [] : [lost]),
    ...addressProblems(machine, addresses),
    ...settingProblems(machine, { facts, node: guest.node, guest, changed }),
    ...smallDisks(machine, planner, guest.config),
  ]
}

/** Returns a problem if the manifest names a storage that does not exist. */
function storageProblem(
  machine: Machine,
  guest: GuestFacts,
  { cluster }: MachinePlanner['facts'],
): ProvisionError | undefined {
  const { vmid, node } = guest
  const on = (name: string) => cluster.storages.flatMap((entry) => (entry.node === name ? [entry.storage] : []))
  const known = on(node)
  // The machine may be about to move to a node that has the storage.
  const anywhere = [node, ...machine.nodes].flatMap(on)
  const move = known.length === 0 ? undefined : diskMoves(machine, guest).find(({ to }) => !anywhere.includes(to))
  if (move === undefined) return undefined
  return new ProvisionError(
    'CONFLICT',
    `There is no storage ${move.to} on ${node}, or the token may not see it; ${machine.name} (${vmid}) is not moved.`,
    {
      hint: `Storages on ${node} are ${known.join(', ')}: correct \`${move.place.replace(/ .*/, '')}\`.`,
      details: { machine: machine.name, key: move.place.replace(/ .*/, ''), vmid },
    },
  )
}

function keepStep({ machine, guest: { vmid, node, marker } }: Existing): Step {
  return {
    id: `create:${machine.name}`,
    kind: 'create',
    machine: machine.name,
    node,
    needs: [],
    lanes: [`node:${node}`],
    action: 'keep',
    why: `${vmid} on ${node} is as declared`,
    templateFrom: '',
    linked: false,
    base: marker.base,
    known: { guest: { vmid, node } },
  }
}

function updateStep({ machine, guest, verdict, problems }: Existing, planner: MachinePlanner): Step {
  const volume = seedVolume(machine, seedOptions(machine, planner.desired, guest))
  const hasIt = volume !== undefined && seedOf(guest.config, machine.name)?.endsWith(`/${volume}`)
  const { vmid, node } = guest
  const isSound = problems.length === 0
  const seed = hasIt || !isSound ? [] : planSeed(machine, { ...planner, node }, guest)
  const disk = isSound ? planDiskImages(machine, { ...planner, node }, guest.config) : NO_DISKS
  return {
    id: `update:${machine.name}`,
    kind: 'update',
    machine: machine.name,
    node,
    vmid,
    action: 'run',
    why: verdict.why,
    needs: [...(planner.after ?? []), ...seed, ...disk.needs],
    ...(seed[0] && { seedFrom: seed[0] }),
    ...disk.sources,
    lanes: [...disk.lanes, `node:${node}`],
    changes: withLoss(verdict.changes, planner),
    touches: { ...touchesOf(verdict, disk), ...(planner.moved && { moved: planner.moved }) },
    ...problemOf(problems),
  }
}

/** A disk that starts with an image has the image's size, and grows to the declared size. */
function touchesOf({ set, remove, grow, pool, ha }: Verdict, { sources: { disksFrom = {} } }: PlannedDisks): Touches {
  return {
    keys: [...Object.keys(set), ...remove],
    grow: [...Object.keys(grow), ...Object.keys(disksFrom)],
    pool: pool !== undefined,
    ha: ha !== undefined,
  }
}

/** Plans a restart if changes wait for it, or will. @returns true if there is a step */
function planRestart(
  machine: Machine,
  { guest, verdict, problems }: Existing,
  { planner, createFrom }: { readonly planner: MachinePlanner; readonly createFrom: string },
): boolean {
  const waiting = [...verdict.pending, ...verdict.changes.filter(({ when }) => when !== 'now')].map(({ key }) => key)
  if (guest.status !== 'running' || waiting.length === 0 || problems.length > 0) return false
  const id = `restart:${machine.name}`
  const against = [...lockProblem(machine, guest), ...pausedProblem(machine, guest, 'restarted')]
  planner.add({
    id,
    kind: 'restart',
    machine: machine.name,
    createFrom,
    action: 'run',
    why: `${[...new Set(waiting)].join(', ')} ${waiting.length === 1 ? 'waits' : 'wait'} for it`,
    needs: [createFrom],
    lanes: [],
    // One that cannot be restarted does not stop the roll-out of the others.
    ...(against.length === 0 ? { gate: planner.rollouts.gate(machine, id) } : problemOf(against)),
  })
  planner.report(id, against)
  return true
}
