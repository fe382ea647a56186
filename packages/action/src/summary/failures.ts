// Formats the failures of a run as Markdown: message, hint, the end of Proxmox's task log, and blocked steps.
import type { Outcome, ProvisionError, Step } from '@pve-provision/core'
import { countText, failureGroups } from '@pve-provision/core/text'
import { hintOf } from '../hint.ts'
import { code, codeBlock, folded, inline } from './markdown-text.ts'
import { subjectsText } from './operations.ts'

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
}

interface Failure {
  /** The steps that failed in the same way. Empty: the run itself. */
  readonly steps: readonly Step[]
  readonly error: ProvisionError
}

export function failureSections({ outcomes, error }: Failures, detail: Detail): readonly string[] {
  const groups = failureGroups(outcomes.filter(({ status }) => status !== 'done'))
  const failures: readonly Failure[] = [
    ...(error ? [{ steps: [], error }] : []),
    ...groups.map(({ error, outcomes: same }) => ({ error, steps: same.map(({ step }) => step) })),
  ]
  const countOf = (some: readonly Failure[]) => some.reduce((sum, { steps }) => sum + Math.max(1, steps.length), 0)
  if (failures.length === 0) return []
  const shown = failures.slice(0, detail.failures).map((failure) => failureText(failure, outcomes, detail))
  const others = countOf(failures.slice(detail.failures))
  return [
    `### ${countOf(failures) === 1 ? 'Failure' : `${countOf(failures)} failures`}`,
    ...shown,
    ...(others > 0 ? [`… and ${others} more.`] : []),
  ]
}

function failureText({ steps, error }: Failure, outcomes: readonly Outcome[], detail: Detail): string {
  const [first = '', ...more] = error.message.slice(0, detail.textLength).split('\n')
  const [step, ...others] = steps.map(({ id }) => id)
  const parts = [
    `**${step === undefined ? '' : `${code(step)}: `}${inline(first)}** (${code(error.code)})`,
    others.length === 0 ? '' : `Also: ${subjectsText(others, detail.rows)}.`,
    furtherText(more, error),
    hintText(hintOf(error).slice(0, detail.textLength)),
    blockedText(new Set(steps.map(({ id }) => id)), outcomes),
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

function blockedText(failed: ReadonlySet<string>, outcomes: readonly Outcome[]): string {
  const blocked = outcomes.filter(({ by }) => by !== undefined && failed.has(by)).map(({ step }) => step.id)
  if (blocked.length === 0) return ''
  return `This blocked ${countText(blocked.length, 'step')}: ${subjectsText(blocked, 10)}`
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
