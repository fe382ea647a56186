// What happened: one outcome a step, the machines, and what the run cost and saved.
import type { ProvisionError } from '../errors.ts'
import type { Change } from '../plan/change/change.ts'
import type { Step, StepResult } from '../plan/step.ts'
import type { Counter } from '../ports/world.ts'

export type OutcomeStatus = 'done' | 'kept' | 'failed' | 'blocked' | 'cancelled'

export interface Outcome {
  readonly step: Step
  readonly status: OutcomeStatus
  /** Time in the step itself; waiting for needs and lanes does not count. */
  readonly ms: number
  /** Milliseconds since the run began, for a timeline. */
  readonly startedAtMs: number
  /** Failed, or cancelled with something still going on in Proxmox. */
  readonly error?: ProvisionError
  /** Blocked: the id of the step that failed first. */
  readonly by?: string
  readonly result?: StepResult
}

export interface MachineReport {
  readonly name: string
  readonly vmid?: number
  readonly node?: string
  readonly status: 'created' | 'replaced' | 'updated' | 'kept' | 'failed' | 'blocked' | 'cancelled' | 'destroyed'
  /** As this run left it, or found it; absent for one that is not there. */
  readonly power?: 'running' | 'stopped' | 'unknown'
  /** Static addresses that the manifest states, without their prefix. */
  readonly addresses: readonly string[]
  /** Addresses that its guest agent told; absent when nobody asked. */
  readonly ips?: readonly string[]
  readonly tags: readonly string[]
  /** The image that it is made from; absent for a machine that the manifest does not name. */
  readonly image?: string
  /** What it has not taken over while it runs. */
  readonly pending?: readonly Change[]
}

export interface Metrics extends Readonly<Record<Counter, number>> {
  readonly wallMs: number
  /** The times of all steps together: steps that hinder each other take longer than they would alone. */
  readonly serialMs: number
}

export interface Report {
  readonly ok: boolean
  readonly changed: boolean
  readonly outcomes: readonly Outcome[]
  readonly machines: readonly MachineReport[]
  readonly notes: readonly string[]
  readonly metrics: Metrics
  /** Facts about the cluster that an earlier run had asked; absent: they were asked in this one. */
  readonly cachedFacts?: { readonly ageMs: number; readonly requestsSaved: number }
}
