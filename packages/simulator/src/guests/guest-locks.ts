// The locks guests and storages are worked on under, with the time-outs and the log lines of each.
import type { StorageConfig } from '../storage/storage-config.ts'
import type { TaskContext } from '../tasks/tasks.ts'
import type { World } from '../world.ts'

interface GuestLock {
  readonly node: string
  readonly vmid: number
  readonly timeoutMs?: number
  readonly shared?: boolean
  readonly task?: TaskContext
}

/** The configuration lock of one machine; 10 s unless said otherwise. */
export function withGuestLock<T>(world: World, lock: GuestLock, work: () => Promise<T> | T): Promise<T> {
  const { node, vmid, timeoutMs = world.latency.configLockMs, shared = false, task } = lock
  return world.locks.hold(
    {
      path: `/var/lock/qemu-server/lock-${vmid}.conf`,
      key: `${node}:guest:${vmid}`,
      timeoutMs,
      shared,
      ...waitingLines(task),
    },
    work,
  )
}

/** Around allocation and cloning on a storage: one at a time, over all nodes where the storage is shared. */
export function withStorageLock<T>(
  world: World,
  { node, storage, task }: { node: string; storage: StorageConfig; task?: TaskContext },
  work: () => Promise<T>,
): Promise<T> {
  const name = storage.id
  return world.locks.hold(
    {
      path: storage.shared ? `/etc/pve/priv/lock/storage-${name}` : `/var/lock/pve-manager/pve-storage-${name}`,
      key: storage.shared ? `storage:${name}` : `${node}:storage:${name}`,
      timeoutMs: world.latency.storageLockMs,
      ...waitingLines(task),
    },
    work,
  )
}

function waitingLines(task: TaskContext | undefined) {
  if (task === undefined) return {}
  return {
    signal: task.signal,
    onWait: (state: 'waiting' | 'obtained') => task.log(state === 'waiting' ? 'trying to acquire lock...' : ' OK'),
  }
}
