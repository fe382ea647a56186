// start, stop, shutdown, reboot, reset, suspend, resume.
import { failure } from '../../errors.ts'
import { agentState } from '../../guests/agent.ts'
import { withGuestLock } from '../../guests/guest-locks.ts'
import { isManaged, requestState } from '../../guests/high-availability.ts'
import { checkUnlocked, powerOff, powerOn, startGuest } from '../../guests/power.ts'
import type { Machine } from '../../state/machines.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { type Call, type Endpoint, requireQuorum } from '../call.ts'

const action = (name: string, handle: (call: Call) => Promise<string>): Endpoint => ({
  path: `/nodes/{node}/qemu/{vmid}/status/${name}`,
  method: 'POST',
  handle,
})

export const qemuPowerEndpoints: readonly Endpoint[] = [
  action('start', start),
  action('stop', (call) => byManagerOr(call, 'stopped', () => inTask(call, 'qmstop', stop))),
  action('shutdown', (call) => byManagerOr(call, 'stopped', () => inTask(call, 'qmshutdown', shutdown))),
  action('reboot', reboot),
  action('reset', (call) => runningTask(call, 'qmreset', async () => undefined)),
  action('suspend', (call) => runningTask(call, 'qmpause', async (machine) => setPaused(call, machine, true))),
  action('resume', (call) => runningTask(call, 'qmresume', async (machine) => setPaused(call, machine, false))),
]

async function start(call: Call): Promise<string> {
  requireQuorum(call)
  const vmid = call.integer('vmid')
  return byManagerOr(call, 'started', () => call.task('qmstart', String(vmid), (task) => startGuest(call, task, vmid)))
}

/** A machine in the cluster manager's hands is only asked for; its own task comes later, and is root's. */
function byManagerOr(call: Call, state: 'started' | 'stopped', work: () => Promise<string>): Promise<string> {
  const vmid = call.integer('vmid')
  return isManaged(call.world, vmid) ? requestState(call, vmid, state) : work()
}

async function inTask(
  call: Call,
  type: string,
  work: (call: Call, task: TaskContext, machine: Machine) => Promise<void>,
): Promise<string> {
  const vmid = call.integer('vmid')
  return call.task(type, String(vmid), (task) =>
    withGuestLock(call.world, { node: call.node, vmid, task }, async () => {
      const machine = call.world.machines.find(vmid)
      if (machine === undefined || machine.node !== call.node) {
        throw failure(`unable to find configuration file for VM ${vmid} on node '${call.node}'`)
      }
      if (!call.flag('skiplock')) checkUnlocked(machine)
      await work(call, task, machine)
    }),
  )
}

async function stop({ world }: Call, task: TaskContext, machine: Machine): Promise<void> {
  if (machine.power === undefined) return
  await pause(world, task, world.latency.stopMs)
  powerOff(world, machine)
}

async function shutdown(call: Call, task: TaskContext, machine: Machine): Promise<void> {
  const { world } = call
  if (machine.power === undefined) return
  const limitMs =
    call.optional('timeout') === undefined ? world.latency.shutdownTimeoutMs : call.integer('timeout') * 1000
  if (await goesDown(call, task, { machine, limitMs })) return powerOff(world, machine)
  if (!call.flag('forceStop')) throw failure('VM quit/powerdown failed - got timeout')
  task.log('VM still running - terminating now with SIGTERM')
  powerOff(world, machine)
}

/** An agent that is configured but silent costs its own time-out first, as on a real server. */
async function goesDown(
  call: Call,
  task: TaskContext,
  { machine, limitMs }: { machine: Machine; limitMs: number },
): Promise<boolean> {
  const { world } = call
  const state = agentState(world, machine)
  if (state === 'silent') {
    await pause(world, task, world.latency.agentTimeoutMs)
    task.log(`QEMU Guest Agent is not running - VM ${machine.vmid} qmp command 'guest-ping' failed - got timeout`)
  }
  const obeys = world.guests.powerButton
  await pause(world, task, obeys ? Math.min(world.latency.shutdownMs, limitMs) : limitMs)
  return obeys && world.latency.shutdownMs <= limitMs
}

async function reboot(call: Call): Promise<string> {
  const { world, node } = call
  const vmid = call.integer('vmid')
  if (world.machines.get(node, vmid).power === undefined) throw failure(`VM ${vmid} not running`)
  return call.task('qmreboot', String(vmid), (task) =>
    withGuestLock(world, { node, vmid, task }, async () => {
      const machine = world.machines.get(node, vmid)
      await pause(world, task, world.latency.shutdownMs)
      powerOff(world, machine)
      powerOn(world, machine)
    }),
  )
}

async function runningTask(call: Call, type: string, work: (machine: Machine) => Promise<void>): Promise<string> {
  const { world, node } = call
  const vmid = call.integer('vmid')
  if (world.machines.get(node, vmid).power === undefined) throw failure(`VM ${vmid} not running`)
  return call.task(type, String(vmid), async (task) => {
    await pause(world, task, world.latency.otherTaskMs)
    await work(world.machines.get(node, vmid))
  })
}

function setPaused({ world }: Call, machine: Machine, paused: boolean): void {
  if (machine.power === undefined) throw failure(`VM ${machine.vmid} not running`)
  machine.power.paused = paused
  world.machines.savePower(machine)
}
