// Asks a guest to power off and waits for it (qemu-server `QemuServer.pm:_do_vm_stop`).
import type { Call } from '../api/call.ts'
import { failure } from '../errors.ts'
import { fieldsOf } from '../state/fields.ts'
import type { Machine } from '../state/machines.ts'
import { textOf } from '../state/vm-config.ts'
import { pause } from '../tasks/pause.ts'
import type { TaskContext } from '../tasks/tasks.ts'
import { agentState, unanswered } from './agent/agent.ts'
import { behaviourOf } from './inside/behaviour.ts'

interface ShutDown {
  readonly machine: Machine
  /** Stop it by force after the timeout. */
  readonly isForced: boolean
  /** Seconds, from the call. */
  readonly timeout: string | undefined
}

/** Returns when the guest is down. The caller then turns off its power. @throws if it keeps running */
export async function shutDown(call: Call, task: TaskContext, { machine, isForced, timeout }: ShutDown): Promise<void> {
  const { latency } = call.world
  const behaviour = behaviourOf(call.world, machine.vmid)
  const limitMs = limitOf(machine, timeout) ?? latency.shutdownTimeoutMs
  await askAgent(call, task, machine)
  const isInTime = behaviour.powerButton && behaviour.boots && latency.shutdownMs <= limitMs
  await pause(call.world, task, isInTime ? latency.shutdownMs : limitMs)
  if (isInTime) return
  if (!isForced) throw failure('VM quit/powerdown failed - got timeout')
  task.log('VM still running - terminating now with SIGTERM')
}

/** Returns the call's own timeout, or `down` in the machine's startup order, in milliseconds. */
function limitOf({ config }: Machine, timeout: string | undefined): number | undefined {
  const seconds = timeout ?? fieldsOf(textOf(config, 'startup') ?? '', 'order').get('down')
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

/** A configured but silent agent first takes its own timeout. Then the power button is pressed. */
async function askAgent({ world }: Call, task: TaskContext, machine: Machine): Promise<void> {
  if (agentState(world, machine) !== 'silent') return
  await pause(world, task, world.latency.agentTimeoutMs)
  task.log(`QEMU Guest Agent is not running - ${unanswered(world, machine, 'ping')}`)
}
