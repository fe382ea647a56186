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

/** A problem that a check found. */
export interface FoundProblem extends Problem {
  /** The steps that fail because of it. Absent: nothing can be done at all. */
  readonly steps?: readonly string[]
}

/** Creates a problem about the cluster or the manifest, as a list. */
export function conflict(
  message: string,
  hint: string,
  { at, steps }: { readonly at?: Position | undefined; readonly steps?: readonly string[] | undefined } = {},
): readonly FoundProblem[] {
  return [{ code: 'CONFLICT', message, hint, ...at, ...(steps && { steps }) }]
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
export function uniqueProblems<Found extends FoundProblem>(problems: readonly Found[]): readonly Found[] {
  const alike = Map.groupBy(problems, ({ message }) => message)
  return [...alike.values()].flatMap((same) => {
    const steps = same.flatMap((problem) => problem.steps ?? [])
    return same.slice(0, 1).map((first) => (first.steps === undefined ? first : { ...first, steps }))
  })
}
