// Interprets the log and the exit status of a task.
import { ProvisionError } from '../../../errors.ts'
import { cleanText } from '../../../foreign-text.ts'
import type { Request } from '../call/engine.ts'
import { redactUrls } from '../call/parameters.ts'

export type TaskOutcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'warnings'; readonly count: number }
  | { readonly kind: 'failed' }

/** `OK` and `WARNINGS: n` mean success. Any other text is the error itself. */
export function taskOutcome(exitStatus: string): TaskOutcome {
  if (exitStatus === 'OK') return { kind: 'ok' }
  const [, count] = /^WARNINGS: (\d+)$/.exec(exitStatus) ?? []
  return count === undefined ? { kind: 'failed' } : { kind: 'warnings', count: Number(count) }
}

export interface LogRange {
  readonly start: number
  /** 0 means all lines. Proxmox's default is 50, which often misses the end. */
  readonly limit: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads lines of a task log and masks secrets in URLs, because a download logs its URL. `taskPath` is
 * `/nodes/{node}/tasks/{upid}`.
 */
export async function readTaskLog(
  request: Request,
  taskPath: string,
  { start, limit, signal }: LogRange,
): Promise<readonly string[]> {
  const data = await request('GET', `${taskPath}/log`, { parameters: { start, limit }, ...(signal ? { signal } : {}) })
  // A node that does not own the task answers with an object instead of a list.
  if (!Array.isArray(data)) return []
  return data.map((line: { readonly t?: unknown } | null) =>
    typeof line?.t === 'string' ? redactUrls(cleanText(line.t)) : '',
  )
}

/** Reads the log, or returns undefined if that fails. The log only adds detail; the exit status decides. */
export async function tryReadTaskLog(
  request: Request,
  taskPath: string,
  range: LogRange,
): Promise<readonly string[] | undefined> {
  try {
    return await readTaskLog(request, taskPath, range)
  } catch (error) {
    if (error instanceof ProvisionError && error.code !== 'CANCELLED') return undefined
    throw error
  }
}

/**
 * Returns the lines that Proxmox counted in `WARNINGS: n`, and lines about disks that Proxmox VE 8 logs without
 * counting (`destroy_vm`).
 */
export function warningLinesOf(log: readonly string[]): readonly string[] {
  return log.filter((line) => /^WARN(?:ING)?:|^Could not remove disk /.test(line))
}

/** A whole command line of QEMU has 4,000 characters and says nothing about the failure. Short commands do. */
const MOST_OF_COMMAND = 200

/** Says why a task failed: its exit status without long command lines, and what only the log of a migration says. */
export function reasonOf(exitStatus: string, log: readonly string[]): string {
  const status = exitStatus.replace(
    /command '([^\s']+) (.*)' failed/,
    (whole: string, program: string, rest: string) =>
      rest.length > MOST_OF_COMMAND ? `command '${program} …' failed` : whole,
  )
  if (!/^migration (?:problems|aborted)$/.test(exitStatus)) return status
  // The first error is the cause. What the other node wrote before it, such as a failed start, says more.
  const error = log.findIndex((line) => MIGRATION_ERROR.test(line))
  const [, cause] = MIGRATION_ERROR.exec(log[error] ?? '') ?? []
  const [, remote] =
    /(\[[\w.-]+\] .+)/.exec(log.slice(0, error).findLast((line) => / \[[\w.-]+\] /.test(line)) ?? '') ?? []
  return [status, remote, cause].filter((part) => part !== undefined).join(': ')
}

const MIGRATION_ERROR = /^[\d-]+ [\d:]+ ERROR: (.+)$/

/**
 * Returns the last percentage in these lines: `transferred 1.2 GiB of 3.0 GiB (40.00%)` (imports and clones) or the
 * dots of wget (`327680K ........ .... 42% 101M 5s`, downloads).
 */
export function percentOf(lines: readonly string[]): number | undefined {
  const line = lines.findLast((text) => percentPattern.test(text))
  const [, inParentheses, afterDots] = (line && percentPattern.exec(line)) || []
  const percent = Number(inParentheses ?? afterDots)
  return line === undefined || Number.isNaN(percent) ? undefined : Math.min(percent, 100)
}

const percentPattern = /\((\d{1,3}(?:\.\d+)?)%\)|[.\s](\d{1,3})%\s/
