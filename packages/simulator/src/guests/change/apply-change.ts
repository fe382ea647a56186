// Applies a change of a machine's options: some take effect now, others wait for the next start.
import type { Call } from '../../api/call.ts'
import { badParameters, failure } from '../../errors.ts'
import type { Machine } from '../../state/machines.ts'
import type { VmConfig } from '../../state/vm-config.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { applyPending } from './apply-pending.ts'
import { cleanUpPending } from './clean-up-pending.ts'
import { hotplugPending } from './hotplug.ts'
import type { Change } from './read-change.ts'
import { writePending } from './write-pending.ts'

/**
 * Applies the change. @throws a 400 with each key that could not be applied; those stay pending, and the others are
 * done
 */
export async function applyChange(
  call: Call,
  task: TaskContext,
  { machine, change }: { machine: Machine; change: Change },
): Promise<void> {
  const { machines } = call.world
  machines.requireWritable(machine)
  checkBalloon(machine.config, change)
  try {
    const modified = await writePending(call, task, { machine, change })
    cleanUpPending(machine.config)
    const isRunning = machine.power !== undefined
    const errors = isRunning
      ? await hotplugPending({ call, task, machine }, modified)
      : await applyPending(call, task, machine)
    if (Object.keys(errors).length > 0) throw badParameters(errors)
  } finally {
    machines.save(machine)
  }
}

/** Compares with the value that is set, pending or current, in that order. A deletion in the same call is ignored. */
function checkBalloon(config: VmConfig, { set, revert }: Change): void {
  const isReverted = (key: string) => revert.includes(key) && config.values.has(key)
  const isSet = (key: string) => set.has(key) || isReverted(key)
  if (!isSet('memory') && !isSet('balloon')) return
  const now = (key: string) =>
    set.get(key) ?? (isReverted(key) ? undefined : config.pending.get(key)) ?? config.values.get(key)
  const memory = Number(String(now('memory') ?? 512).replace(/^current=/, ''))
  if (Number(now('balloon') ?? 0) > memory)
    throw failure('balloon value too large (must be smaller than assigned memory)')
}
