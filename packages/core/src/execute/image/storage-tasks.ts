// Waits for tasks of this token on a storage after a lost reply, whatever their result. The caller checks the effect.

import type { StorageRef } from '../../ports/pve/pve.ts'
import { listOwnRunningTasks } from '../../ports/pve/tasks/own-tasks.ts'
import { waitOut } from '../guest/run-task.ts'
import type { StepContext } from '../step-context.ts'

export interface StorageTasks {
  /** `imgcopy` for uploads (its id is empty), `download` for pulls (its id is the file name). */
  readonly type: 'imgcopy' | 'download'
  readonly id?: string
}

/** Resolves when the node's task list contains no such running task of this token. */
export async function waitForStorageTasks(
  { node }: StorageRef,
  { type, id }: StorageTasks,
  context: StepContext,
): Promise<void> {
  const { world, signal } = context
  const running = await listOwnRunningTasks(world.pve, { nodes: [node], identity: world.pve.identity, signal })
  for (const task of running) {
    if (task.type === type && (id === undefined || task.id === id)) await waitOut(task.upid, context)
  }
}
