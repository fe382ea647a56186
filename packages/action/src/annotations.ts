// Annotates errors on the lines of the manifest: each problem, and each failed step at its machine or image.
import { isAbsolute, relative, sep } from 'node:path'
import type { Desired, ManifestProblem, Plan, Position, ProvisionError, Report, Step } from '@pve-provision/core'
import { alsoFailed, failureGroups, problemGroups, problemText } from '@pve-provision/core/text'
import { hintOf } from './hint.ts'
import { annotate, type Place, say, warnAt } from './log.ts'
import { isLack } from './summary/problems.ts'

/** GitHub shows ten errors for each step. The summary contains all of them. */
const LIMIT = 10

/** Returns the manifest's name for annotations and problems: relative to the workspace if it is inside. */
export function nameInWorkspace(file: string, workspace: string): string {
  const name = relative(workspace, file)
  return name.startsWith('..') || isAbsolute(name) ? file : name.split(sep).join('/')
}

/** Annotates a message about the manifest that is not an error. */
export function annotateNote({ message, ...position }: Position & { readonly message: string }): void {
  warnAt('Manifest', message, placeOf(position))
}

export function annotateError(error: ProvisionError): void {
  const problems = problemsOf(error)
  for (const { message, ...position } of problems.slice(0, LIMIT)) annotate('Manifest', message, placeOf(position))
  if (problems.length === 0) annotate(titleOf(error), lines(error.message, hintOf(error)))
}

/** Annotates each failure of a run once, at the machine or image of its first step. */
export function annotateReport({ outcomes }: Report, desired: Desired): void {
  const failed = failureGroups(outcomes.filter(({ status }) => status === 'failed'))
  for (const group of failed.slice(0, LIMIT)) {
    const { step, error } = group
    const position = positionOf(step, desired)
    annotate(`${step.id} failed`, lines(error.message, alsoFailed(group), hintOf(error)), position && placeOf(position))
  }
}

/** Annotates the problems of a plan that is not executed. Missing privileges of the token are only a note. */
export function annotateProblems(plan: Plan): void {
  for (const { message } of plan.problems.filter(isLack)) say(`Note: this token cannot apply the plan: ${message}`)
  const groups = problemGroups(
    plan,
    plan.problems.filter((problem) => !isLack(problem)),
  )
  for (const { problem, ...group } of groups.slice(0, LIMIT)) {
    const { file, line = 1, column = 1, ...placeless } = problem
    const title =
      problem.step === undefined ? 'An apply would be refused' : (TITLES[problem.code] ?? 'An apply would fail')
    const text = lines(problemText({ ...group, problem: placeless }), problem.hint)
    annotate(title, text, file === undefined ? {} : placeOf({ file, line, column }))
  }
}

function problemsOf({ details }: ProvisionError): readonly ManifestProblem[] {
  const problems = details.problems
  return Array.isArray(problems) ? problems : []
}

function positionOf(step: Step, { machines, images }: Desired): Position | undefined {
  if ('machine' in step) return machines.find(({ name }) => name === step.machine)?.position
  return 'image' in step ? images.get(step.image)?.position : undefined
}

function placeOf({ file, line, column }: Position): Place {
  return isAbsolute(file) ? {} : { file, line, column }
}

function titleOf({ code }: ProvisionError): string {
  return TITLES[code] ?? 'pve-provision failed'
}

const TITLES: Readonly<Partial<Record<ProvisionError['code'], string>>> = {
  USAGE: 'Wrong input',
  MANIFEST: 'Wrong manifest',
  TLS: 'The certificate of Proxmox is not trusted',
  UNREACHABLE: 'Proxmox cannot be reached',
  AUTHENTICATION: 'Proxmox does not accept the token',
  PERMISSION: 'The token may not do this',
  CANCELLED: 'The run was cancelled',
  UNEXPECTED: 'A bug in pve-provision',
}

function lines(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n')
}
