// Problems that will certainly occur, reported before anything is changed.
import type { ErrorCode, ProvisionError } from '../../errors.ts'
import type { Machine, Position } from '../../manifest/manifest.ts'

/** A problem that prevents an apply, or one of its steps. */
export interface Problem {
  readonly code: ErrorCode
  /** A sentence. */
  readonly message: string
  /** How to fix it: a sentence, or shell commands. */
  readonly hint: string
  /** The position in the manifest that causes it. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** The step that fails. Absent: nothing can be done at all. */
  readonly step?: string
}

/** Creates a problem about the cluster or the manifest, as a list. */
export function conflict(message: string, hint: string, at?: Position): readonly Problem[] {
  return [{ code: 'CONFLICT', message, hint, ...at }]
}

/** Creates the problem of one step, as it appears in the plan. */
export function problemOfStep(step: string, { code, message, hint = '' }: ProvisionError, at?: Position): Problem {
  return { code, message, hint, ...at, step }
}

/** Returns the position of a key of a machine, or of the machine itself if the key has none. */
export function positionOf(machine: Machine, key: string | undefined): Position | undefined {
  return (key === undefined ? undefined : machine.positionOf?.(key)) ?? machine.position
}

/** Returns each problem once, at its first position, even if several machines have it. */
export function uniqueProblems(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>()
  return problems.filter(({ message }) => !seen.has(message) && seen.add(message))
}
