// What is sure to go wrong, said before anything is changed.
import type { ErrorCode, ProvisionError } from '../../errors.ts'
import type { Machine, Position } from '../../manifest/manifest.ts'

/** Something that keeps an apply, or one of its steps, from going well. */
export interface Problem {
  readonly code: ErrorCode
  /** A sentence. */
  readonly message: string
  /** The way on: a sentence, or lines for a shell. */
  readonly hint: string
  /** Where the manifest says what cannot be. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** The step that fails; absent: nothing can be done at all. */
  readonly step?: string
}

/** A problem about the cluster or the manifest, as a list to add to others. */
export function conflict(message: string, hint: string, at?: Position): readonly Problem[] {
  return [{ code: 'CONFLICT', message, hint, ...at }]
}

/** The problem of one step, as it stands in the plan. */
export function problemOfStep(step: string, { code, message, hint = '' }: ProvisionError, at?: Position): Problem {
  return { code, message, hint, ...at, step }
}

/** Where the manifest states a key of a machine; the machine itself where it does not say. */
export function positionOf(machine: Machine, key: string | undefined): Position | undefined {
  return (key === undefined ? undefined : machine.positionOf?.(key)) ?? machine.position
}

/** Each problem once, at its first place, however many machines have it. */
export function uniqueProblems(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>()
  return problems.filter(({ message }) => !seen.has(message) && seen.add(message))
}
