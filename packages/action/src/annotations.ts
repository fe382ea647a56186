// Annotates errors on the lines of the manifest: each problem, and each failed step at its machine or image.
import { isAbsolute, relative, sep } from 'node:path'
import type { Desired, ManifestProblem, Position, ProvisionError, Report, Step } from '@pve-provision/core'
import { hintOf } from './hint.ts'
import { annotate, type Place, warnAt } from './log.ts'

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
  if (problems.length === 0) annotate(titleOf(error), textOf(error))
}

export function annotateReport({ outcomes }: Report, desired: Desired): void {
  const failed = outcomes.filter(({ status, error }) => status === 'failed' && error !== undefined)
  for (const { step, error } of failed.slice(0, LIMIT)) {
    const position = positionOf(step, desired)
    if (error) annotate(`${step.id} failed`, textOf(error), position && placeOf(position))
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

function textOf(error: ProvisionError): string {
  const hint = hintOf(error)
  return hint === '' ? error.message : `${error.message}\n${hint}`
}
