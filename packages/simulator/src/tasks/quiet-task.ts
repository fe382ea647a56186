// Stands in for a task where the same work is done by the call itself.
import type { TaskContext } from './tasks.ts'

export function quietTask(): TaskContext {
  return {
    upid: '',
    pid: process.pid,
    signal: new AbortController().signal,
    log: () => undefined,
    warn: () => undefined,
  }
}
