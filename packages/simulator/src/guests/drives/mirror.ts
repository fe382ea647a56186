// Task log lines for disks of a running machine, which are mirrored instead of copied.
import type { Machine } from '../../state/machines.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { World } from '../../world.ts'
import { agentState, unanswered } from '../agent/agent.ts'
import { readableBytes } from '../readable-bytes.ts'

/** Returns functions that log the mirror of one disk: before, during and after the copy. */
export function mirrorLines(task: TaskContext, key: string, bytes: number) {
  const all = readableBytes(bytes)
  return {
    begin: (): void => {
      task.log(`drive mirror is starting for drive-${key}`)
      task.log(`drive-${key}: transferred 0.0 B of ${all} (0.00%) in 0s`)
    },
    end: (seconds: number): void => {
      task.log(`drive-${key}: transferred ${all} of ${all} (100.00%) in ${seconds}s, ready`)
      task.log("all 'mirror' jobs are ready")
    },
  }
}

/** Completes all mirrors at once, so that the copies are consistent. The guest is paused for a moment. */
export function finishMirrors(
  world: World,
  task: TaskContext,
  { machine, keys }: { machine: Machine; keys: readonly string[] },
): void {
  if (keys.length === 0) return
  const agent = agentState(world, machine)
  const isAnswering = agent === 'answering'
  if (agent === 'silent') {
    task.log(`QEMU Guest Agent is not running - ${unanswered(world, machine, 'ping')}`)
  }
  task.log(isAnswering ? 'freeze filesystem' : 'suspend vm')
  for (const key of keys) {
    task.log(`drive-${key}: Cancelling block job`)
    task.log(`drive-${key}: Done.`)
  }
  task.log(isAnswering ? 'unfreeze filesystem' : 'resume vm')
}
