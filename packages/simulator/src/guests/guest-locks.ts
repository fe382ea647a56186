// The locks of guests and storages, with their timeouts and log lines.
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

/** The configuration lock of one machine. Default timeout: 10 s. */
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

interface StorageLock {
  readonly node: string
  readonly storage: StorageConfig
  readonly task?: TaskContext
  /** Work that takes simulated time under the lock, before the work on real files. */
  readonly first?: () => Promise<void>
}

/** For allocation and cloning on a storage: one at a time, on all nodes if the storage is shared. */
export function withStorageLock<T>(world: World, lock: StorageLock, work: () => Promise<T>): Promise<T> {
  const { node, storage, task } = lock
  if (storage.shared) return withClusterLock(world, lock, work)
  const path = `/var/lock/pve-manager/pve-storage-${storage.id}`
  const timeoutMs = world.latency.storageLockMs
  return world.locks.hold({ path, key: `${node}:storage:${storage.id}`, timeoutMs, ...waitingLines(task) }, () =>
    workUnder(world, lock, work),
  )
}

async function workUnder<T>(world: World, { first }: StorageLock, work: () => Promise<T>): Promise<T> {
  await first?.()
  return world.clock.during(work)
}

/** The cluster's lock is a directory that is polled. There is no queue, and waiting callers are not notified. */
async function withClusterLock<T>(world: World, lock: StorageLock, work: () => Promise<T>): Promise<T> {
  const { storage, task } = lock
  const name = `storage-${storage.id}`
  const { clusterLockPollMs: pollMs, storageLockMs } = world.latency
  let sleptMs = 0
  while (world.locks.isHeld(name)) {
    if (sleptMs + pollMs >= storageLockMs) throw new Error(`cfs-lock '${name}' error: got lock request timeout`)
    if (task?.signal.aborted === true) throw new Error('received interrupt')
    task?.log(`trying to acquire cfs lock '${name}' ...`)
    await world.clock.sleep(pollMs, task?.signal)
    sleptMs += pollMs
  }
  if (!world.quorate) throw new Error(`cfs-lock '${name}' error: no quorum!`)
  return world.locks.hold({ path: name, timeoutMs: 0 }, () => workUnder(world, lock, work))
}

function waitingLines(task: TaskContext | undefined) {
  if (task === undefined) return {}
  return {
    signal: task.signal,
    onWait: (state: 'waiting' | 'obtained') => task.log(state === 'waiting' ? 'trying to acquire lock...' : ' OK'),
  }
}
