// Waits for what we started on a storage and lost the reply of, whatever its end: the caller looks afterwards.

import type { StorageRef } from '../../ports/pve/pve.ts'
import { listOwnRunningTasks } from '../../ports/pve/tasks/own-tasks.ts'
import { waitOut } from '../guest/run-task.ts'
import type { StepContext } from '../step-context.ts'

export interface StorageTasks {
  /** `imgcopy` for uploads (its id is empty), `download` for pulls (its id is the file name). */
  readonly type: 'imgcopy' | 'download'
  readonly id?: string
}

/** Comes back when no such task of ours runs on the node any more, as far as Proxmox lists them. */
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
