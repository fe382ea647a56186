// Groups equal problems of a plan, and equal failures of a run, so that each is shown once, with all that it concerns.
import type { ProvisionError } from '../errors.ts'
import { nameList } from '../plan/name-list.ts'
import { blockedSteps, type Plan } from '../plan/plan.ts'
import type { Problem } from '../plan/problems/problem.ts'
import type { Step } from '../plan/step.ts'
import type { Outcome } from './report.ts'

/** Equal problems of one plan. */
export interface ProblemGroup {
  /** The first one. Its sentence may name a machine. */
  readonly problem: Problem
  readonly count: number
  /** Other machines with an equal problem. */
  readonly also: readonly string[]
  /** Further machines that are blocked. The sentence does not name them. */
  readonly blocks: readonly string[]
}

/** Groups these problems of a plan, in the order of the first of each group. Default: all of them. */
export function problemGroups(plan: Plan, problems: readonly Problem[] = plan.problems): readonly ProblemGroup[] {
  if (problems.length === 0) return []
  const blocked = machinesBlockedBy(plan)
  return [...Map.groupBy(problems, likeness).values()].flatMap((group) => {
    const [problem, ...others] = group
    if (problem === undefined) return []
    const also = namesOf(others, plan)
    const blocks = blockedBy(group, { plan, blocked }).filter(
      (name) => !also.includes(name) && !isNamedIn(problem.message, name),
    )
    return [{ problem, count: group.length, also, blocks }]
  })
}

/** Formats a group: the sentence, its position, and the machines. Without the hint. */
export function problemText({ problem: { message, file, line, column }, also, blocks }: ProblemGroup): string {
  const place = file === undefined ? '' : ` (${file}:${line}:${column})`
  return [
    `${message}${place}`,
    ...alsoText(also),
    ...(blocks.length === 0 ? [] : [`It blocks ${nameList(blocks)}.`]),
  ].join(' ')
}

/** Equal failures of one run. */
export interface FailureGroup {
  readonly step: Step
  readonly error: ProvisionError
  /** The outcomes of this failure, the first one included. */
  readonly outcomes: readonly Outcome[]
}

/** Groups outcomes with an error: those that differ at most in the name of their own machine or image, and in their task. */
export function failureGroups(outcomes: readonly Outcome[]): readonly FailureGroup[] {
  const failures = outcomes.flatMap((outcome) =>
    outcome.error === undefined ? [] : [{ outcome, error: outcome.error, step: outcome.step }],
  )
  return [...Map.groupBy(failures, failureLikeness).values()].flatMap((group) => {
    const [first] = group
    return first === undefined
      ? []
      : [{ step: first.step, error: first.error, outcomes: group.map(({ outcome }) => outcome) }]
  })
}

/** Formats the other steps of a group, or returns an empty text. */
export function alsoFailed({ outcomes }: FailureGroup): string {
  return alsoText(outcomes.slice(1).map(({ step }) => step.id)).join('')
}

function alsoText(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`Also: ${nameList(names)}.`]
}

function failureLikeness({ error: { code, message, hint = '' }, step }: { error: ProvisionError; step: Step }): string {
  const name = 'machine' in step ? step.machine : step.id.slice(step.id.indexOf(':') + 1)
  return JSON.stringify([code, step.kind, ...[message, hint].map((text) => withoutName(text, name))])
}

/** Each task has its own id, which names the task's log. */
function withoutName(text: string, name: string): string {
  return words(text)
    .map((word) => (word === name || /^'?UPID:/.test(word) ? '' : word))
    .join(' ')
}

/** Problems are equal if they have the same key of the manifest and the same hint. */
function likeness({ code, file, line, column, hint, step }: Problem): string {
  return JSON.stringify(step === undefined || file === undefined ? [step, hint] : [code, file, line, column, hint])
}

function namesOf(problems: readonly Problem[], { steps }: Plan): readonly string[] {
  return problems.flatMap((problem) => {
    const step = steps.find(({ id }) => id === problem.step)
    return step !== undefined && 'machine' in step ? [step.machine] : []
  })
}

interface Known {
  readonly plan: Plan
  readonly blocked: ReadonlyMap<string, readonly string[]>
}

/** Returns the machines whose steps fail with one of these problems, and those that need such a step. */
function blockedBy(group: readonly Problem[], { plan, blocked }: Known): readonly string[] {
  const messages = new Set(group.flatMap(({ step, message }) => (step === undefined ? [] : [message])))
  const ids = new Set(group.map(({ step }) => step))
  const failing = plan.steps.filter(
    ({ id, problem }) => problem !== undefined && (ids.has(id) || messages.has(problem.message)),
  )
  const names = failing.flatMap((step) => [
    ...('machine' in step ? [step.machine] : []),
    ...(blocked.get(step.id) ?? []),
  ])
  return [...new Set(names)]
}

function isNamedIn(message: string, name: string): boolean {
  return words(message).includes(name)
}

function words(text: string): readonly string[] {
  return text.split(/[\s,()`]+|[.:;](?:\s|$)/)
}

/** Returns, for each step that cannot run, the machines that need it. */
function machinesBlockedBy(plan: Plan): ReadonlyMap<string, readonly string[]> {
  const causes = blockedSteps(plan)
  const needy = plan.steps.flatMap((step) => {
    const cause = causes.get(step.id)
    return cause === undefined || !('machine' in step) ? [] : [{ cause, name: step.machine }]
  })
  const byCause = Map.groupBy(needy, ({ cause }) => cause)
  return new Map([...byCause].map(([cause, list]) => [cause, [...new Set(list.map(({ name }) => name))]]))
}
