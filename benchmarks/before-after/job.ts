// The job that all contestants do, and where.
import type { Measured } from '../support/measure.ts'
import type { Site } from './site.ts'

export interface Job {
  /** Address of the folder that the vendor publishes. */
  readonly vendor: string
  readonly images: readonly string[]
  readonly machines: readonly WantedMachine[]
  /** True to convert to raw on this computer. False to store the vendor's qcow2 as it is. */
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
  /** Ends the run. */
  readonly signal: AbortSignal
}

/** Does the whole job in a separate program. @throws Error if it fails */
export type Run = (task: Task) => Promise<Measured>
