// Plans a machine that exists: keeps it or changes it in place.

import { ProvisionError } from '../../errors.ts'
import type { GuestFacts } from '../../facts/facts.ts'
import type { Machine } from '../../manifest/manifest.ts'
import type { Change } from '../change/change.ts'
import { compareMachine, type Verdict } from '../compare/compare-machine.ts'
import { seedOf } from '../compare/find-machine.ts'
import { planMove } from '../day-two/plan-move.ts'
import { seedVolume } from '../first-boot/seed-documents.ts'
import type { PlannedMachine } from '../plan.ts'
import { addressProblems } from '../problems/address-problems.ts'
import { settingProblems } from '../problems/setting-problems.ts'
import { templateProblem } from '../problems/template-problem.ts'
import type { Step, Touches } from '../step.ts'
import { NO_DISKS, type PlannedDisks, planDiskImages, smallDisks } from './disk-images.ts'
import { type MachinePlanner, problemOf } from './machine-planner.ts'
import { planSeed, seedOptions } from './seed-step.ts'
import { keepsRunning, planStart } from './start-steps.ts'

interface Existing {
  readonly machine: Machine
  readonly guest: GuestFacts
  readonly verdict: Verdict
  readonly problems: readonly ProvisionError[]
}

export function planExisting(machine: Machine, guest: GuestFacts, planner: MachinePlanner): PlannedMachine {
  const isElsewhere = planner.move && !machine.nodes.includes(guest.node)
  return isElsewhere ? planMoved(machine, guest, planner) : planInPlace(machine, guest, planner)
}

/** Plans to move it first, then to change it on its new node. */
function planMoved(machine: Machine, guest: GuestFacts, planner: MachinePlanner): PlannedMachine {
  const move = planMove(machine, guest, planner)
  const to = machine.nodes[0]
  const planned = planInPlace(
    machine,
    { ...guest, node: to },
    { ...planner, node: to, after: [...(planner.after ?? []), move] },
  )
  const change: Change = { key: 'node', before: guest.node, after: to, when: 'now' }
  return {
    ...planned,
    action: planned.action === 'blocked' ? 'blocked' : 'move',
    changes: [change, ...planned.changes],
  }
}

function planInPlace(machine: Machine, guest: GuestFacts, planner: MachinePlanner): PlannedMachine {
  const { node, vmid } = guest
  const verdict = compareMachine(machine, guest, { project: planner.desired.project })
  planner.verdicts.set(machine.name, verdict)
  planner.images.planKept(machine.image, { node, storage: machine.storage.disks })
  const problems = problemsOf(machine, guest, { planner, verdict })
  const existing: Existing = { machine, guest, verdict, problems }
  const kept = { ...keepStep(existing), needs: planner.after ?? [] }
  const id = planner.add(verdict.action === 'keep' ? kept : updateStep(existing, planner))
  planner.report(id, problems)
  if (machine.start) planStart(machine, { ...planner, node }, { createFrom: id, guest })
  const restarts = planner.restart && planRestart(machine, existing, { planner, createFrom: id })
  const starts = machine.start && !keepsRunning(guest)
  const base = planner.images.currentBase(machine.image, { node, storage: machine.storage.disks })
  return {
    name: machine.name,
    vmid,
    node,
    action:
      problems.length > 0
        ? 'blocked'
        : restarts
          ? 'restart'
          : verdict.action === 'update' || starts
            ? 'update'
            : 'keep',
    changes: [...verdict.changes, ...(starts ? [STARTED] : [])],
    ...(verdict.pending.length > 0 && { pending: verdict.pending }),
    ...outdatedBy(base, existing),
    ...(verdict.differences.length > 0 && { differences: verdict.differences }),
  }
}

const STARTED: Change = { key: 'start', before: false, after: true, when: 'now' }

/** A machine stays as it is when its image has a newer build. */
function outdatedBy(
  to: string | undefined,
  { machine, guest: { marker } }: Existing,
): Pick<PlannedMachine, 'outdated'> {
  const isOutdated = to !== undefined && marker.base !== '' && to !== marker.base && marker.image === machine.image
  return isOutdated ? { outdated: { from: marker.base, to } } : {}
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
  const conflict = conflictWith(machine, guest, { planner, verdict })
  return [
    ...(conflict === undefined ? [] : [conflict]),
    ...addressProblems(machine, addresses),
    ...settingProblems(machine, { facts, node: guest.node, guest, changed }),
    ...smallDisks(machine, planner, guest.config),
  ]
}

/** If the storage does not exist, report that first. Otherwise every machine on another storage would be a conflict. */
function conflictWith(
  machine: Machine,
  { vmid, node }: GuestFacts,
  { planner: { facts }, verdict: { problem } }: Judged,
): ProvisionError | undefined {
  if (problem === undefined) return undefined
  const storage = machine.storage.disks
  const known = facts.cluster.storages.filter((entry) => entry.node === node).map((entry) => entry.storage)
  if (known.length === 0 || known.includes(storage)) return problem
  return new ProvisionError(
    'CONFLICT',
    `There is no storage ${storage} on ${node}, or the token may not see it; ${machine.name} (${vmid}) stays as it is.`,
    {
      hint: `Storages on ${node} are ${known.join(', ')}: correct \`storage.disks\`.`,
      details: { machine: machine.name, key: 'storage', vmid },
    },
  )
}

function keepStep({ machine, guest: { vmid, node, marker }, problems }: Existing): Step {
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
    ...problemOf(problems),
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
    changes: verdict.changes,
    touches: touchesOf(verdict, disk),
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
  planner.add({
    id,
    kind: 'restart',
    machine: machine.name,
    createFrom,
    action: 'run',
    why: `${[...new Set(waiting)].join(', ')} ${waiting.length === 1 ? 'waits' : 'wait'} for it`,
    needs: [createFrom],
    lanes: [],
    gate: planner.rollouts.gate(machine, id),
  })
  return true
}
