// Formats the problems of a plan. Equal problems of several machines are shown once.
import type { Plan } from '@pve-provision/core'
import { countText, type ProblemGroup, problemGroups, problemText } from '@pve-provision/core/text'
import { hintLines, sentenceLines } from '../copyable.ts'
import type { Terminal } from '../terminal.ts'

interface Look {
  readonly terminal: Terminal
  /** How many groups of problems are shown. */
  readonly limit: number
}

export function problemSection(plan: Plan, { terminal, limit }: Look): string[] {
  const { problems } = plan
  if (problems.length === 0) return []
  const groups = problemGroups(plan)
  const left = groups.slice(limit).reduce((sum, { count }) => sum + count, 0)
  return [
    problems.some(({ step }) => step === undefined) ? 'Problems that block an apply' : 'Problems',
    ...groups.slice(0, limit).flatMap((group) => groupLines(group, terminal)),
    ...(left === 0 ? [] : [`  and ${countText(left, 'more problem')} (--verbose lists them)`]),
  ]
}

function groupLines(group: ProblemGroup, { columns, paint }: Terminal): string[] {
  const [first = '', ...rest] = sentenceLines(problemText(group), columns - 2)
  return [`${paint.red('✗')} ${first}`, ...rest.map((one) => `  ${one}`), ...hintLines(group.problem.hint, columns)]
}
