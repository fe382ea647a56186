// Formats the problems of a plan that is not executed as Markdown. Equal problems of several machines are shown once.
import type { Plan, Problem } from '@pve-provision/core'
import { type ProblemGroup, problemGroups, problemText } from '@pve-provision/core/text'
import type { Detail } from './failures.ts'
import { codeBlock, folded, indented, inline } from './markdown-text.ts'

/** Returns true for missing privileges of the token. A read-only token is recommended for plans. */
export function isLack({ code, step }: Problem): boolean {
  return code === 'PERMISSION' && step === undefined
}

export function problemsSection(plan: Plan, detail: Detail): string {
  const problems = plan.problems.filter((problem) => !isLack(problem))
  if (problems.length === 0) return ''
  const title = problems.some(({ step }) => step === undefined) ? 'Problems that block an apply' : 'Problems'
  return `### ${title}\n\n${problemList(problemGroups(plan, problems), detail)}`
}

/** Folded, because it is normal for a read-only token. */
export function lacksSection(plan: Plan, detail: Detail): string {
  const lacks = plan.problems.filter(isLack)
  if (lacks.length === 0) return ''
  return folded('This token cannot apply the plan: missing privileges', problemList(problemGroups(plan, lacks), detail))
}

function problemList(groups: readonly ProblemGroup[], { rows, textLength }: Detail): string {
  const shown = groups.slice(0, rows).map((group) => {
    const text = `- ${inline(problemText(group).slice(0, textLength))}`
    return `${text}${hintText(group.problem.hint, textLength)}`
  })
  const others = groups.slice(rows).reduce((sum, { count }) => sum + count, 0)
  return [...shown, ...(others === 0 ? [] : [`- … and ${others} more.`])].join('\n')
}

/** Several lines are commands to copy. */
function hintText(hint: string, textLength: number): string {
  if (hint === '') return ''
  const lines = hint.split('\n').map((line) => line.slice(0, textLength))
  return `\n\n${indented(lines.length === 1 ? `→ ${inline(hint.slice(0, textLength))}` : codeBlock(lines.join('\n')))}`
}
