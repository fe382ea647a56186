// What providing a program needs to know of the run.
import type { WorkflowCache } from '../cache/workflow-cache.ts'
import type { Environment } from '../inputs/inputs.ts'

export interface ToolSettings {
  readonly environment: Environment
  /** Absent where the workflow's cache may not be written. */
  readonly cache: WorkflowCache | undefined
  /** First part of keys of the workflow's cache. */
  readonly prefix: string
  readonly temporaryDirectory: string
  readonly signal: AbortSignal
}
