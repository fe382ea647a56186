// Formats a plan as Markdown: the machines that would change with before and after, then every step with its reason.
import type { Plan, PlannedMachine } from '@pve-provision/core'
import { blockedSteps } from '@pve-provision/core/advanced'
import { changeText, effectText } from '@pve-provision/core/text'
import type { Detail } from './failures.ts'
import { inline, table } from './markdown-text.ts'
import { OPERATIONS, sameRows, subjectOf, subjectsText } from './operations.ts'

const ACTIONS: Readonly<Record<PlannedMachine['action'], string>> = {
  keep: 'keep',
  create: 'create',
  update: 'change',
  replace: '**replace**',
  restart: 'restart',
  move: 'move',
  adopt: 'adopt',
  remove: '**remove**',
  blocked: 'not possible',
}

/** Machines with the same action and the same changes share one row. */
export function machineChangesSection(plan: Plan | undefined, { rows, textLength }: Detail): string {
  const touched = plan?.machines.filter(({ action }) => action !== 'keep') ?? []
  if (touched.length === 0) return ''
  const groups = [...Map.groupBy(touched, ({ action, changes }) => JSON.stringify([action, changes])).values()]
  const cells = groups.map((machines) => machineRow(machines, { rows, textLength }))
  // New machines have no changes. If all are new, the last column is empty.
  const isEmpty = cells.every(([, , changes]) => changes === '')
  const head = ['Machines', 'Action', 'Change and effect'].slice(0, isEmpty ? 2 : 3)
  return `### Machines\n\n${table({ head, rows: cells.map((row) => row.slice(0, head.length)) }, rows)}`
}

function machineRow(machines: readonly PlannedMachine[], { rows, textLength }: Pick<Detail, 'rows' | 'textLength'>) {
  const [first] = machines
  const names = machines.map(({ name }) => name)
  const texts = (first?.changes ?? []).map((change) => {
    const effect = effectText(change)
    return inline(`${changeText(change)}${effect === '' ? '' : ` (${effect})`}`.slice(0, textLength))
  })
  return [subjectsText(names, rows), first === undefined ? '' : ACTIONS[first.action], texts.join('<br>')]
}

/** Steps that cannot be done are among the problems. */
export function plannedSection(plan: Plan | undefined, { rows, textLength }: Detail): string {
  if (plan === undefined) return ''
  const blocked = blockedSteps(plan)
  const steps = plan.steps.filter(
    ({ id, action, problem }) => action === 'run' && problem === undefined && !blocked.has(id),
  )
  if (steps.length === 0) return ''
  const planned = Array.from(Map.groupBy(steps, subjectOf), ([subject, own]) => ({
    subject,
    operations: own.map(({ kind }) => OPERATIONS[kind].planned).join(', '),
    why: (own[0]?.why ?? '').slice(0, textLength),
  }))
  const cells = sameRows(planned).map(({ subjects, operations, why }) => [
    subjectsText(subjects, rows),
    operations,
    inline(why),
  ])
  return `### What would be done, and why\n\n${table({ head: ['Subject', 'Operation', 'Why'], rows: cells }, rows)}`
}
