// A task's duration, cut short when the task is stopped or doomed.

import type { World } from '../world.ts'
import type { TaskContext } from './tasks.ts'

export async function pause(world: World, task: TaskContext, milliseconds: number): Promise<void> {
  await world.clock.sleep(milliseconds, task.signal)
  if (task.doom !== undefined) throw new Error(task.doom)
  if (task.signal.aborted) throw new Error('received interrupt')
}
