// What a running step can use: the world, the desired state, the facts, and the results of the steps that it needs.

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
  /** Keep the VM of a failed build. */
  readonly keepFailed: boolean
  /** Returns the result of a step that this one needs. */
  readonly result: (stepId: string) => StepResult
  readonly progress: (progress: Progress) => void
  /** Says what the step does from now on, for people: `cloning`, `moving scsi1 to fast`. */
  readonly stage: (stage: string) => void
  readonly note: (level: NoteLevel, message: string) => void
  /** Adds a warning to a step that succeeded, for the report. */
  readonly warn: (sentence: string) => void
  /**
   * Starts a task that runs beside this step and may outlast it, when the lane has room. The run waits for it. Its
   * failure is ignored: a step that needs the result does the work itself and reports its own failure.
   */
  readonly beside: (lane: string, task: () => Promise<void>) => void
  /** Leaves some of the step's lanes before its end, because the rest of it does not need them. */
  readonly leave: (lanes: readonly string[]) => void
  /** Runs a part of the step when these lanes have room, and holds them only for that part. */
  readonly inLanes: <Result>(lanes: readonly string[], task: () => Promise<Result>) => Promise<Result>
  /** Pass this to the Proxmox port as `onRetry`. A lock timeout then narrows the step's lanes. */
  readonly onRetry: (retry: Retry) => void
}

/** Runs one kind of step. It checks the state again just before it acts, and can run twice without harm. */
export type StepRunner<Kind extends StepKind> = (step: StepOf<Kind>, context: StepContext) => Promise<StepResult>

/** Returns the machine of a step. A plan never names a machine that the manifest lacks. */
export function machineOf(context: StepContext, name: string): Machine {
  return context.desired.machines.find((machine) => machine.name === name) ?? bug(`no machine ${name}`)
}

/** Returns the volume id in the result of a needed step. */
export function volumeOf(context: StepContext, stepId: string): string {
  return context.result(stepId).volid ?? bug(`${stepId} left no volume`)
}

/** Returns the guest in the result of a needed step. */
export function guestOf(context: StepContext, stepId: string): { readonly vmid: number; readonly node: string } {
  return context.result(stepId).guest ?? bug(`${stepId} left no guest`)
}

/** Returns true if a needed step made or downloaded this blob in this run, so that its bytes are verified. */
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
