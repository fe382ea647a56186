// What everybody is asked to bring about, and where.
import type { Measured } from '../support/measure.ts'
import type { Site } from './site.ts'

export interface Job {
  /** Address of the folder that the vendor publishes. */
  readonly vendor: string
  readonly images: readonly string[]
  readonly machines: readonly WantedMachine[]
  /** To raw, on this machine; else the vendor's qcow2 goes to the storage as it is. */
  readonly convert: boolean
}

export interface WantedMachine {
  readonly name: string
  readonly image: string
  readonly vmid: number
}

export interface Task {
  readonly site: Site
  readonly job: Job
  /** Ends it. */
  readonly signal: AbortSignal
}

/** Does the whole job as a program of its own. @throws Error when it does not end well */
export type Run = (task: Task) => Promise<Measured>
