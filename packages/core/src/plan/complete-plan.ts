// Completes a plan from its steps: adds problems, notes and the digest.
import { ProvisionError } from '../errors.ts'
import { retiredName } from '../facts/cluster/retired.ts'
import { guestsByMachine } from '../facts/current-names.ts'
import type { Facts } from '../facts/facts.ts'
import type { Desired } from '../manifest/manifest.ts'
import type { Verdict } from './compare/compare-machine.ts'
import { specHash } from './compare/spec-hash.ts'
import { parseProperties } from './config/property-string.ts'
import { digestsOf } from './digest.ts'
import { blockedSteps, type Plan, type PlannedMachine } from './plan.ts'
import { doubtfulImageNotes, machineNotes, orphanNotes } from './plan-notes.ts'
import { type Check, checksOf, readsCachedFacts } from './preflight/preflight.ts'
import { thinSpaceNotes } from './preflight/preflight-space.ts'
import { type FoundProblem, type Problem, positionOf, problemOfStep, uniqueProblems } from './problems/problem.ts'
import { runs, type Step } from './step.ts'

/** Why a step of a draft cannot succeed. */
export interface StepProblem {
  readonly step: string
  readonly problem: ProvisionError
}

export interface Draft extends Pick<Plan, 'steps' | 'machines' | 'orphans' | 'notes'> {
  readonly verdicts?: ReadonlyMap<string, Verdict>
  /** Problems of machines. If a step has several, it fails with the first one. */
  readonly found?: readonly StepProblem[]
}

/** Checks a draft once and completes it. */
export function completePlan(
  { verdicts = new Map(), found = [], ...draft }: Draft,
  { desired, facts }: { readonly desired: Desired; readonly facts: Facts },
): Plan {
  const { orphans } = draft
  const checks = draft.steps.some(({ action }) => action === 'run')
    ? checksOf({ desired, facts, steps: draft.steps, verdicts })
    : []
  const steps = withProblems(draft.steps, checks)
  const machines = withBlocked({ steps, machines: draft.machines })
  const byName = new Map(desired.machines.map((machine) => [machine.name, machine]))
  const specOf = (name: string) => {
    const machine = byName.get(name)
    return machine === undefined ? '' : specHash(machine, desired.project)
  }
  const problems = uniqueProblems([
    ...checks.flatMap((check) => check.problems),
    ...stepProblems([...found, ...ownProblems(draft.steps)], { steps: draft.steps, desired }),
  ])
  return {
    ...draft,
    steps,
    machines,
    problems: problems.map((problem) => inPlan(problem, { steps, draft: draft.steps })),
    ...(isFromCache(checks, found) && { restsOnCache: true }),
    notes: [
      ...machineNotes(machines),
      ...doubtfulImageNotes(facts),
      ...thinSpaceNotes({ desired, facts, steps, verdicts }),
      ...draft.notes,
      ...orphanNotes(orphans, desired.project),
    ],
    ...digestsOf({
      machines,
      steps,
      specOf,
      nodesOf: (name) => byName.get(name)?.nodes ?? [],
      replacedOf: replacedIn({ desired, facts }),
    }),
  }
}

/** Identifies old VMs by their UUID, which Proxmox generates for each clone. */
function replacedIn({
  desired: { machines },
  facts: { guests },
}: {
  readonly desired: Desired
  readonly facts: Facts
}): (name: string) => string {
  const current = guestsByMachine(machines, guests)
  return (name) => {
    const old = guests.find(({ marker }) => marker.name === retiredName(name)) ?? current.get(name)
    return old === undefined ? '' : `${old.vmid} ${parseProperties(old.config.smbios1, 'uuid').get('uuid') ?? ''}`
  }
}

/** Names the first step of the plan that fails with a problem. If it was dropped, names the step that needed it. */
function inPlan(
  { steps: failing, ...problem }: FoundProblem,
  { steps, draft }: { readonly steps: readonly Step[]; readonly draft: readonly Step[] },
): Problem {
  if (failing === undefined) return problem
  const direct = steps.find(({ id }) => failing.includes(id))
  const byId = new Map(draft.map((step) => [step.id, step]))
  const isFor = (end: Step) => [...withNeeds([end], { byId })].some(({ id }) => failing.includes(id))
  const indirect = direct === undefined ? draft.find((step) => !isPreparing(step) && isFor(step)) : undefined
  const step = direct ?? indirect
  return { ...problem, ...(step && { step: step.id }) }
}

/** Adds the problems of checks to the steps that fail because of them. What only such steps need does not run either. */
function withProblems(steps: readonly Step[], checks: readonly Check[]): readonly Step[] {
  const failing = new Map<string, ProvisionError>()
  for (const { code, message, hint, steps: ids = [] } of checks.flatMap((check) => check.problems))
    for (const id of ids) if (!failing.has(id)) failing.set(id, new ProvisionError(code, message, { hint }))
  return withoutUnneeded(
    steps.map((step) => {
      const problem = failing.get(step.id)
      return problem === undefined ? step : { ...step, problem }
    }),
  )
}

/** Images, templates and CDs are prepared for other steps. */
const PREPARING: ReadonlySet<Step['kind']> = new Set([
  'resolve',
  'download',
  'convert',
  'pull',
  'upload',
  'stream',
  'template',
  'build',
  'seed',
])

/** Removes the preparation that only steps need which fail by themselves. */
function withoutUnneeded(steps: readonly Step[]): readonly Step[] {
  const ends = steps.filter((step) => !isPreparing(step))
  const failing = new Set(ends.filter(({ problem }) => problem !== undefined))
  if (failing.size === 0) return steps
  const byId = new Map(steps.map((step) => [step.id, step]))
  const needed = withNeeds(
    ends.filter((step) => !failing.has(step)),
    { byId, stopsAt: failing },
  )
  const wasFor = withNeeds([...failing], { byId })
  const isDropped = (step: Step) =>
    isPreparing(step) && step.action === 'run' && !needed.has(step) && (runs(step) || wasFor.has(step))
  const dropped = new Set(steps.filter(isDropped).map(({ id }) => id))
  return steps
    .filter(({ id }) => !dropped.has(id))
    .map((step) => (failing.has(step) ? { ...step, needs: step.needs.filter((id) => !dropped.has(id)) } : step))
}

/** Returns these steps and all that they need. What a step needs at which the search stops is left out. */
function withNeeds(
  steps: readonly Step[],
  { byId, stopsAt = new Set() }: { readonly byId: ReadonlyMap<string, Step>; readonly stopsAt?: ReadonlySet<Step> },
): ReadonlySet<Step> {
  const found = new Set<Step>()
  const visit = (step: Step) => {
    if (found.has(step)) return
    found.add(step)
    if (!stopsAt.has(step)) for (const need of step.needs.flatMap((id) => byId.get(id) ?? [])) visit(need)
  }
  for (const step of steps) visit(step)
  return found
}

function isPreparing(step: Step | undefined): boolean {
  return step !== undefined && PREPARING.has(step.kind)
}

/** Facts that come from the cache may be old. */
function isFromCache(checks: readonly Check[], found: readonly StepProblem[]): boolean {
  return (
    checks.some((check) => check.problems.length > 0 && readsCachedFacts(check)) ||
    found.some(({ problem }) => problem.details.key === 'tags')
  )
}

/** A machine is blocked if its step cannot run, or needs a step that cannot run, such as its image. */
function withBlocked({ steps, machines }: Pick<Draft, 'steps' | 'machines'>): readonly PlannedMachine[] {
  const blocked = blockedSteps({ steps })
  const names = new Set(
    steps.flatMap((step) => (step.problem !== undefined || blocked.has(step.id) ? machineOf(step) : [])),
  )
  return names.size === 0
    ? machines
    : machines.map((machine) => (names.has(machine.name) ? { ...machine, action: 'blocked' } : machine))
}

function machineOf(step: Step): readonly string[] {
  if ('machine' in step) return [step.machine]
  return step.kind === 'destroy' && !step.template ? [step.name] : []
}

function ownProblems(steps: readonly Step[]): readonly StepProblem[] {
  return steps.flatMap(({ id, problem }) => (problem === undefined ? [] : [{ step: id, problem }]))
}

interface Known {
  readonly steps: readonly Step[]
  readonly desired: Desired
}

function stepProblems(found: readonly StepProblem[], { steps, desired }: Known): readonly FoundProblem[] {
  if (found.length === 0) return []
  const byId = new Map(steps.map((step) => [step.id, step]))
  const machines = new Map(desired.machines.map((machine) => [machine.name, machine]))
  return found.map(({ step, problem }) => {
    const at = byId.get(step)
    const machine = at !== undefined && 'machine' in at ? machines.get(at.machine) : undefined
    const image = at !== undefined && 'image' in at ? desired.images.get(at.image) : undefined
    const { key } = problem.details
    return { ...problemOfStep(step, problem, machine ? positionOf(machine, key) : image?.position), steps: [step] }
  })
}
