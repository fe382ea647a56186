// Settings for providing a program.
import type { WorkflowCache } from '../cache/workflow-cache.ts'
import type { Environment } from '../inputs/inputs.ts'

export interface ToolSettings {
  readonly environment: Environment
  /** Absent if the workflow's cache may not be written. */
  readonly cache: WorkflowCache | undefined
  /** Prefix for keys of the workflow's cache. */
  readonly prefix: string
  readonly temporaryDirectory: string
  readonly signal: AbortSignal
}
