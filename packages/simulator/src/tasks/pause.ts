// Waits for a task's duration. Ends early if the task is stopped or an injected fault kills it.
import { once } from 'node:events'
import type { World } from '../world.ts'
import type { TaskContext } from './tasks.ts'

export async function pause(world: World, task: TaskContext, milliseconds: number): Promise<void> {
  await world.clock.sleep(milliseconds, task.signal)
  if (task.fate?.kind === 'dies') throw new Error(task.fate.of)
  if (task.fate?.kind === 'hangs' && !task.signal.aborted) await once(task.signal, 'abort')
  if (task.signal.aborted) throw new Error('received interrupt')
}
