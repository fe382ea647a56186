// Formats the failures of a run as Markdown: message, hint, the end of Proxmox's task log, and blocked steps.
import type { Outcome, Plan, ProvisionError, Step } from '@pve-provision/core'
import { countText } from '@pve-provision/core/text'
import { hintOf } from '../hint.ts'
import { code, codeBlock, folded, inline } from './markdown-text.ts'

/** Limits for the summary: numbers of rows, bars, failures and log lines, and the length of a single text. */
export interface Detail {
  readonly rows: number
  readonly bars: number
  readonly failures: number
  readonly logLines: number
  readonly textLength: number
}

export interface Failures {
  readonly outcomes: readonly Outcome[]
  /** The error that ended the run before anything was executed. */
  readonly error: ProvisionError | undefined
  /** A plan that was not executed. Its steps may have problems. */
  readonly plan: Plan | undefined
}

interface Failure {
  readonly step?: Step
  readonly error: ProvisionError
}

export function failureSections({ outcomes, error, plan }: Failures, detail: Detail): readonly string[] {
  const failures: readonly Failure[] = [
    ...(error ? [{ error }] : []),
    ...(plan?.steps ?? []).flatMap((step) => (step.problem ? [{ step, error: step.problem }] : [])),
    ...outcomes.flatMap(({ step, status, error }) => (error && status !== 'done' ? [{ step, error }] : [])),
  ]
  if (failures.length === 0) return []
  const shown = failures.slice(0, detail.failures).map((failure) => failureText(failure, outcomes, detail))
  const others = failures.length - shown.length
  return [
    `### ${failures.length === 1 ? 'Failure' : `${failures.length} failures`}`,
    ...shown,
    ...(others > 0 ? [`… and ${others} more.`] : []),
  ]
}

function failureText({ step, error }: Failure, outcomes: readonly Outcome[], detail: Detail): string {
  const [first = '', ...more] = error.message.slice(0, detail.textLength).split('\n')
  const parts = [
    `**${step ? `${code(step.id)}: ` : ''}${inline(first)}** (${code(error.code)})`,
    furtherText(more, error),
    hintText(hintOf(error).slice(0, detail.textLength)),
    blockedText(step, outcomes),
    logText(error, detail),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

/** A list of sentences about a manifest or about inputs wraps, unlike code. Other lines may be foreign text. */
function furtherText(lines: readonly string[], { code }: ProvisionError): string {
  if (lines.length === 0) return ''
  if (code !== 'MANIFEST' && code !== 'USAGE') return codeBlock(lines.join('\n'))
  return lines.flatMap((line) => (line.trim() === '' ? [] : `- ${inline(line)}`)).join('\n')
}

/** Several lines are commands to copy. */
function hintText(hint: string): string {
  if (hint === '') return ''
  return hint.includes('\n') ? codeBlock(hint) : `→ ${inline(hint)}`
}

function blockedText(step: Step | undefined, outcomes: readonly Outcome[]): string {
  const blocked = outcomes.filter(({ by }) => step !== undefined && by === step.id).map(({ step }) => step.id)
  if (blocked.length === 0) return ''
  const named = blocked.slice(0, 10).map(code).join(', ')
  return `This blocked ${countText(blocked.length, 'step')}: ${named}${blocked.length > 10 ? ', …' : ''}`
}

/** Formats `details.log` of a `TASK` or `BUILD` error: the last lines of the log of a task, or of a build. */
function logText(error: ProvisionError, { logLines, textLength }: Detail): string {
  const log =
    error.details.log ?? (error.cause instanceof Error && 'details' in error.cause ? logOf(error.cause) : undefined)
  if (!Array.isArray(log) || log.length === 0 || logLines === 0) return ''
  const lines = log.slice(-logLines).map((line) => String(line).slice(0, textLength))
  const whose = error.code === 'BUILD' ? 'End of the log inside' : 'End of the task’s log in Proxmox'
  return folded(whose, codeBlock(lines.join('\n')))
}

function logOf(cause: Error & { readonly details?: unknown }): unknown {
  return typeof cause.details === 'object' && cause.details !== null ? Reflect.get(cause.details, 'log') : undefined
}
