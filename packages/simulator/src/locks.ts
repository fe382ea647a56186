// Lock files: shared and exclusive, first come, first served, with Proxmox's error after a timeout.
import type { Clock } from './clock.ts'

export interface LockRequest {
  /** The path in the error text. */
  readonly path: string
  /** What is locked, if the path alone does not distinguish nodes. */
  readonly key?: string
  readonly timeoutMs: number
  readonly shared?: boolean
  readonly signal?: AbortSignal
  /** Called once if another caller has the lock, and again when it was obtained after waiting. */
  readonly onWait?: (state: 'waiting' | 'obtained') => void
}

export interface Locks {
  /** Runs `work` under the lock. Throws `can't lock file '…' - got timeout`. */
  hold<T>(request: LockRequest, work: () => Promise<T> | T): Promise<T>
  isHeld(key: string): boolean
}

interface Waiter {
  readonly shared: boolean
  readonly enter: () => void
}

interface Lock {
  holders: number
  exclusive: boolean
  readonly waiting: Waiter[]
}

export function createLocks(clock: Clock): Locks {
  const locks = new Map<string, Lock>()

  const isFree = (lock: Lock, shared: boolean): boolean => lock.holders === 0 || (shared && !lock.exclusive)

  const take = (lock: Lock, shared: boolean): void => {
    lock.holders += 1
    lock.exclusive = !shared
  }

  const letIn = (key: string, lock: Lock): void => {
    let next = lock.waiting[0]
    while (next !== undefined && isFree(lock, next.shared)) {
      lock.waiting.shift()
      take(lock, next.shared)
      next.enter()
      next = lock.waiting[0]
    }
    if (lock.holders === 0 && lock.waiting.length === 0) locks.delete(key)
  }

  const acquire = async (request: LockRequest): Promise<Lock> => {
    const { path, key = path, shared = false, timeoutMs, onWait } = request
    const lock = locks.get(key) ?? { holders: 0, exclusive: false, waiting: [] }
    locks.set(key, lock)
    if (lock.waiting.length === 0 && isFree(lock, shared)) {
      take(lock, shared)
      return lock
    }
    onWait?.('waiting')
    if (!(await entered(lock, { shared, timeoutMs, ...(request.signal && { signal: request.signal }) }))) {
      letIn(key, lock)
      throw new Error(`can't lock file '${path}' - got timeout`)
    }
    onWait?.('obtained')
    return lock
  }

  const entered = async (
    lock: Lock,
    { shared, timeoutMs, signal }: { shared: boolean; timeoutMs: number; signal?: AbortSignal },
  ): Promise<boolean> => {
    const done = new AbortController()
    const waits = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal])
    let isIn = false
    const entry = new Promise<void>((resolve) => {
      lock.waiting.push({
        shared,
        enter: () => {
          isIn = true
          resolve()
        },
      })
    })
    const mine = lock.waiting.at(-1)
    await Promise.race([entry, clock.sleep(timeoutMs, waits)])
    done.abort()
    if (!isIn && mine !== undefined) lock.waiting.splice(lock.waiting.indexOf(mine), 1)
    return isIn
  }

  return {
    isHeld: (key) => (locks.get(key)?.holders ?? 0) > 0,
    hold: async (request, work) => {
      const lock = await acquire(request)
      try {
        return await work()
      } finally {
        lock.holders -= 1
        if (lock.holders === 0) lock.exclusive = false
        letIn(request.key ?? request.path, lock)
      }
    },
  }
}

/** A daemon's worker processes: at most `width` calls at the same time, the rest wait in a queue. */
export function createWorkers(width: number): { run<T>(work: () => Promise<T>): Promise<T> } {
  const queue: (() => void)[] = []
  let busy = 0
  return {
    run: async (work) => {
      if (busy >= width) await new Promise<void>((resolve) => queue.push(resolve))
      else busy += 1
      try {
        return await work()
      } finally {
        const next = queue.shift()
        if (next === undefined) busy -= 1
        else next()
      }
    },
  }
}
