// The result of a run: one outcome for each step, the machines, and what the run cost and saved.
import type { ProvisionError } from '../errors.ts'
import type { Change } from '../plan/change/change.ts'
import type { Step, StepResult } from '../plan/step.ts'
import type { Counter } from '../ports/world.ts'

/** The status of a step at the end of a run. `kept`: nothing had to be done. `blocked`: a step that it needs failed. */
export type OutcomeStatus = 'done' | 'kept' | 'failed' | 'blocked' | 'cancelled'

/** The result of one step. */
export interface Outcome {
  readonly step: Step
  readonly status: OutcomeStatus
  /** Time in the step itself. Waiting for other steps and for lanes does not count. */
  readonly ms: number
  /** Milliseconds since the start of the run, for a timeline. */
  readonly startedAtMs: number
  /** Set for failed steps, and for cancelled steps whose task still runs in Proxmox. */
  readonly error?: ProvisionError
  /** Blocked steps: the id of the step that failed first. */
  readonly by?: string
  readonly result?: StepResult
}

/** A machine at the end of a run, and what the run did with it. */
export interface MachineReport {
  readonly name: string
  readonly vmid?: number
  readonly node?: string
  readonly status: 'created' | 'replaced' | 'updated' | 'kept' | 'failed' | 'blocked' | 'cancelled' | 'destroyed'
  /** The state at the end of this run. Absent if the VM does not exist. */
  readonly power?: 'running' | 'paused' | 'stopped' | 'unknown'
  /** Static addresses that the manifest sets, without their prefix. */
  readonly addresses: readonly string[]
  /** Addresses that its guest agent reported. Absent if the agent was not asked. */
  readonly ips?: readonly string[]
  readonly tags: readonly string[]
  /** The image that it was created from. Absent for a VM that is not in the manifest. */
  readonly image?: string
  /** Changes that it has not applied because it is running. */
  readonly pending?: readonly Change[]
}

/** Counters and times of a run. */
export interface Metrics extends Readonly<Record<Counter, number>> {
  readonly wallMs: number
  /** The sum of the times of all steps. Steps that slow each other down take longer than they would alone. */
  readonly serialMs: number
}

/** The result of a run. `ok` is false if a step failed or was blocked. */
export interface Report {
  readonly ok: boolean
  readonly changed: boolean
  readonly outcomes: readonly Outcome[]
  readonly machines: readonly MachineReport[]
  readonly notes: readonly string[]
  readonly metrics: Metrics
  /** Set if facts about the cluster came from the cache. Absent if this run read them. */
  readonly cachedFacts?: { readonly ageMs: number; readonly requestsSaved: number }
}
