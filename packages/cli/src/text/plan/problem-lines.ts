// Formats the problems of a plan. Equal problems of several machines are shown once, with the machines that they block.
import type { Plan, Problem } from '@pve-provision/core'
import { blockedSteps } from '@pve-provision/core/advanced'
import { countText, nameList } from '@pve-provision/core/text'
import { hintLines, sentenceLines } from '../copyable.ts'
import type { Terminal } from '../terminal.ts'

interface Look {
  readonly terminal: Terminal
  /** How many problems are shown. */
  readonly limit: number
}

export function problemSection(plan: Plan, { terminal, limit }: Look): string[] {
  const { problems } = plan
  if (problems.length === 0) return []
  const groups = [...Map.groupBy(problems, likeness).values()]
  const left = groups.slice(limit).flat().length
  const blocked = machinesBlockedBy(plan)
  return [
    problems.some(({ step }) => step === undefined) ? 'Problems that block an apply' : 'Problems',
    ...groups.slice(0, limit).flatMap((group) => groupLines(group, { plan, blocked, terminal })),
    ...(left === 0 ? [] : [`  and ${countText(left, 'problem')} more (--verbose lists them)`]),
  ]
}

/** Problems are equal if they have the same key of the manifest and the same hint. */
function likeness({ code, file, line, column, hint, step }: Problem): string {
  return JSON.stringify(step === undefined || file === undefined ? [step, hint] : [code, file, line, column, hint])
}

interface Known {
  readonly plan: Plan
  readonly blocked: ReadonlyMap<string, readonly string[]>
  readonly terminal: Terminal
}

function groupLines(group: readonly Problem[], { plan, blocked, terminal: { columns, paint } }: Known): string[] {
  const [problem, ...others] = group
  if (problem === undefined) return []
  const { message, hint, file, line, column } = problem
  const place = file === undefined ? '' : ` (${file}:${line}:${column})`
  const same = namesOf(others, plan)
  const needy = blockedBy(group, { plan, blocked }).filter((name) => !same.includes(name) && !isNamedIn(message, name))
  const text = [
    `${message}${place}`,
    ...(same.length === 0 ? [] : [`Also: ${nameList(same)}.`]),
    ...(needy.length === 0 ? [] : [`It blocks ${nameList(needy)}.`]),
  ]
  const [first = '', ...rest] = sentenceLines(text.join(' '), columns - 2)
  return [`${paint.red('✗')} ${first}`, ...rest.map((one) => `  ${one}`), ...hintLines(hint, columns)]
}

function namesOf(problems: readonly Problem[], { steps }: Plan): readonly string[] {
  return problems.flatMap((problem) => {
    const step = steps.find(({ id }) => id === problem.step)
    return step !== undefined && 'machine' in step ? [step.machine] : []
  })
}

/** Returns the machines whose steps fail with one of these problems, and those that need such a step. */
function blockedBy(group: readonly Problem[], { plan, blocked }: Pick<Known, 'plan' | 'blocked'>): readonly string[] {
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
  return message.split(/[\s,()`]+|[.:;](?:\s|$)/).includes(name)
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
