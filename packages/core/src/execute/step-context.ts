// What a running step may use: the world, what is wanted and known, and the results of the steps it needs.

import { ProvisionError } from '../errors.ts'
import type { NoteLevel, Progress } from '../events.ts'
import type { Facts } from '../facts/facts.ts'
import type { Desired, Machine } from '../manifest/manifest.ts'
import type { Step, StepKind, StepOf, StepResult } from '../plan/step.ts'
import type { Retry } from '../ports/pve/pve.ts'
import type { World } from '../ports/world.ts'
import type { RunState } from './run-state.ts'

export interface StepContext {
  readonly run: RunState
  readonly world: World
  readonly desired: Desired
  readonly facts: Facts
  readonly signal: AbortSignal
  /** The result of a step that this one needs. */
  readonly result: (stepId: string) => StepResult
  readonly progress: (progress: Progress) => void
  readonly note: (level: NoteLevel, message: string) => void
  /** For the report: done, but with something to tell. */
  readonly warn: (sentence: string) => void
  /**
   * Begins something that runs beside this step and may outlast it, once there is room in the lane. The run is not over
   * before it is. Its failure is nobody's: who needs what it makes asks for that and is told.
   */
  readonly beside: (lane: string, task: () => Promise<void>) => void
  /** Runs a part of the step once there is room in these lanes, and holds them no longer. */
  readonly inLanes: <Result>(lanes: readonly string[], task: () => Promise<Result>) => Promise<Result>
  /** To be handed to the Proxmox port as `onRetry`: a lock time-out narrows the step's lanes. */
  readonly onRetry: (retry: Retry) => void
}

/** Runs one kind of step. It looks again just before acting, and may run twice without harm. */
export type StepRunner<Kind extends StepKind> = (step: StepOf<Kind>, context: StepContext) => Promise<StepResult>

/** The machine a step names; a plan never names one that the manifest lacks. */
export function machineOf(context: StepContext, name: string): Machine {
  return context.desired.machines.find((machine) => machine.name === name) ?? bug(`no machine ${name}`)
}

/** The volume id that a needed step left. */
export function volumeOf(context: StepContext, stepId: string): string {
  return context.result(stepId).volid ?? bug(`${stepId} left no volume`)
}

/** The guest that a needed step left. */
export function guestOf(context: StepContext, stepId: string): { readonly vmid: number; readonly node: string } {
  return context.result(stepId).guest ?? bug(`${stepId} left no guest`)
}

/** Whether a needed step made or fetched this blob in this run, so that its bytes were seen here. */
export function isFresh(
  { needs }: Pick<Step, 'needs'>,
  key: string | undefined,
  { result }: Pick<StepContext, 'result'>,
): boolean {
  return needs.some((need) => {
    const { blob, kept } = result(need)
    return blob !== undefined && blob.key === key && kept !== true
  })
}

function bug(message: string): never {
  throw new ProvisionError('UNEXPECTED', `The plan is inconsistent: ${message}.`)
}
