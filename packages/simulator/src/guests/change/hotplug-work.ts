// Common types of hotplug functions.
import type { Call } from '../../api/call.ts'
import type { Machine } from '../../state/machines.ts'
import type { TaskContext } from '../../tasks/tasks.ts'

/** Whether a value takes effect now or at the next start. */
export type Outcome = 'applied' | 'pending'

export interface Hotplug {
  readonly call: Call
  readonly task: TaskContext
  readonly machine: Machine
}
