// start, stop, shutdown, reboot, reset, suspend, resume.
import { ApiError, badParameters, failure } from '../../errors.ts'
import { areKeys } from '../../guests/devices/keyboard.ts'
import { withGuestLock } from '../../guests/guest-locks.ts'
import { hibernate, readHibernation } from '../../guests/hibernate.ts'
import { isManaged, requestState } from '../../guests/high-availability.ts'
import { bootAgain, checkUnlocked, isTemplate, startGuest, stopGuest } from '../../guests/power.ts'
import { shutDown } from '../../guests/shut-down.ts'
import type { Machine } from '../../state/machines.ts'
import { pause } from '../../tasks/pause.ts'
import type { Task, TaskContext } from '../../tasks/tasks.ts'
import { type Call, type Endpoint, makeCall, requireQuorum } from '../call.ts'

const action = (name: string, handle: (call: Call) => Promise<string>): Endpoint => ({
  path: `/nodes/{node}/qemu/{vmid}/status/${name}`,
  method: 'POST',
  handle,
})

export const qemuPowerEndpoints: readonly Endpoint[] = [
  action('start', start),
  action('stop', stop),
  action('shutdown', shutdown),
  action('reboot', reboot),
  action('reset', (call) => runningTask(call, 'qmreset', async (_, machine) => reset(call, machine))),
  action('suspend', suspend),
  { path: '/nodes/{node}/qemu/{vmid}/sendkey', method: 'PUT', handle: sendKey },
  action('resume', resume),
]

/** Accepts a key that no simulated guest reads. */
function sendKey({ world, node, ...call }: Call): null {
  const { vmid, power } = world.machines.get(node, call.integer('vmid'))
  if (power === undefined) throw failure(`VM ${vmid} not running`)
  // QEMU's message contains a line break, which a status line cannot contain.
  if (!areKeys(call.text('key'))) throw new ApiError(400, 'Bad Request', { bodyless: true })
  return null
}

/** Starts a machine in a task of the caller. */
export async function start(call: Call): Promise<string> {
  requireQuorum(call)
  const vmid = call.integer('vmid')
  return byManagerOr(call, 'started', () => call.task('qmstart', String(vmid), (task) => startGuest(call, task, vmid)))
}

/** For a machine under HA, this only records a request. The task comes later and belongs to root. */
function byManagerOr(call: Call, state: 'started' | 'stopped', work: () => Promise<string>): Promise<string> {
  const vmid = call.integer('vmid')
  return isManaged(call.world, vmid) ? requestState(call, vmid, state) : work()
}

async function stop(call: Call): Promise<string> {
  const overrules = call.flag('overrule-shutdown')
  if (overrules && isManaged(call.world, call.integer('vmid'))) {
    throw badParameters({ 'overrule-shutdown': 'Not applicable for HA resources.' })
  }
  return byManagerOr(call, 'stopped', () =>
    call.task('qmstop', String(call.integer('vmid')), async (task) => {
      if (overrules) await overruleShutdowns(call, task)
      await locked(call, task, async (machine) => {
        if (machine.power === undefined) return
        await pause(call.world, task, call.world.latency.stopMs)
        await stopGuest(call, task, machine)
      })
    }),
  )
}

/** Ends waiting shutdowns, if the caller has the privilege (pve-guest-common `abort_guest_tasks`). */
async function overruleShutdowns(call: Call, task: TaskContext): Promise<void> {
  const waiting = call.world.tasks
    .list(call.node)
    .filter(({ parts, exitStatus }) => exitStatus === undefined && parts.type === 'qmshutdown')
    .filter((one) => one.parts.id === call.text('vmid') && mayAbort(call, one))
  for (const one of waiting) await call.world.tasks.stop(one)
  if (waiting.length > 0) task.log(`overruled qmshutdown tasks: ${waiting.map(({ upid }) => upid).join(', ')}`)
}

function mayAbort(call: Call, { parts }: Task): boolean {
  const me = call.identity.name
  return call.may(`/nodes/${call.node}`, 'Sys.Modify') || parts.user === me || parts.user.startsWith(`${me}!`)
}

function locked(call: Call, task: TaskContext, work: (machine: Machine) => Promise<void>): Promise<void> {
  const vmid = call.integer('vmid')
  return withGuestLock(call.world, { node: call.node, vmid, task }, async () => {
    const machine = requireMachine(call, vmid)
    checkLock(call, machine)
    await work(machine)
  })
}

function checkLock(call: Call, machine: Machine): void {
  if (!call.flag('skiplock')) checkUnlocked(machine)
}

/** Shuts a guest down in a task of the caller. */
export async function shutdown(call: Call): Promise<string> {
  const isForced = call.flag('forceStop')
  const isPaused = call.world.machines.find(call.integer('vmid'))?.power?.paused === true
  // A paused guest would receive the request only after it is resumed.
  if (isPaused && !isForced) throw failure('VM is paused - cannot shutdown')
  return byManagerOr(call, 'stopped', () =>
    call.task('qmshutdown', String(call.integer('vmid')), (task) =>
      locked(call, task, async (machine) => {
        if (machine.power === undefined) return
        if (isPaused) await pause(call.world, task, call.world.latency.stopMs)
        else await shutDown(call, task, { machine, isForced, timeout: call.optional('timeout') })
        await stopGuest(call, task, machine)
      }),
    ),
  )
}

/**
 * The task ends when the guest is down. A separate task of root starts it again, and the caller does not get its UPID.
 */
async function reboot(call: Call): Promise<string> {
  const vmid = call.integer('vmid')
  const { power } = requireMachine(call, vmid)
  if (power?.paused === true) throw failure('VM is paused - cannot shutdown')
  if (power === undefined) throw failure(`VM ${vmid} not running`)
  return call.task('qmreboot', String(vmid), (task) =>
    locked(call, task, async (machine) => {
      if (machine.power === undefined) return
      await shutDown(call, task, { machine, isForced: false, timeout: call.optional('timeout') })
      await stopGuest(call, task, machine)
      startAgain(call, vmid)
    }),
  )
}

function startAgain({ world, node }: Call, vmid: number): void {
  const root = makeCall(world, { method: 'POST', identity: { name: 'root@pam', isToken: false }, node, values: {} })
  const starting = root.task('qmstart', String(vmid), (task) => startGuest(root, task, vmid))
  // No caller waits for it. Errors are in its task.
  starting.catch(() => undefined)
}

/** Most power calls look for the file before they read it (`assert_config_exists_on_node`). */
function requireMachine({ world, node }: Call, vmid: number): Machine {
  const machine = world.machines.find(vmid)
  if (machine?.node !== node) throw failure(`unable to find configuration file for VM ${vmid} on node '${node}'`)
  return machine
}

async function runningTask(
  call: Call,
  type: string,
  work: (task: TaskContext, machine: Machine) => Promise<void>,
): Promise<string> {
  const { world, node } = call
  const vmid = call.integer('vmid')
  if (requireMachine(call, vmid).power === undefined) throw failure(`VM ${vmid} not running`)
  return call.task(type, String(vmid), (task) =>
    withGuestLock(world, { node, vmid, task }, async () => {
      await pause(world, task, world.latency.otherTaskMs)
      await work(task, world.machines.get(node, vmid))
    }),
  )
}

function reset(call: Call, machine: Machine): void {
  checkLock(call, machine)
  bootAgain(call.world, machine)
}

function suspend(call: Call): Promise<string> {
  if (call.flag('todisk')) return suspendToDisk(call)
  return runningTask(call, 'qmpause', async (_, machine) => {
    if (machine.config.values.get('lock') !== 'backup') checkLock(call, machine)
    setPaused(call, machine, true)
  })
}

async function suspendToDisk(call: Call): Promise<string> {
  const vmid = call.integer('vmid')
  const machine = requireMachine(call, vmid)
  if (machine.power === undefined) throw failure(`VM ${vmid} not running`)
  const storage = readHibernation(call, machine)
  return call.task('qmsuspend', String(vmid), (task) => hibernate(call, task, { vmid, storage }))
}

/** A machine that was suspended to disk is started. */
function resume(call: Call): Promise<string> {
  const vmid = call.integer('vmid')
  const machine = call.world.machines.find(vmid)
  if (machine?.node === call.node && machine.config.values.get('lock') === 'suspended') {
    return call.task('qmresume', String(vmid), (task) => startGuest(call, task, vmid))
  }
  return runningTask(call, 'qmresume', async (_, running) => unpause(call, running))
}

function unpause(call: Call, machine: Machine): void {
  if (isTemplate(machine)) throw failure(`VM ${machine.vmid} is a template and cannot be resumed!`)
  if (machine.power?.paused === false) return
  if (machine.config.values.get('lock') !== 'backup') checkLock(call, machine)
  setPaused(call, machine, false)
}

function setPaused({ world }: Call, machine: Machine, paused: boolean): void {
  if (machine.power === undefined) throw failure(`VM ${machine.vmid} not running`)
  machine.power.paused = paused
  world.machines.savePower(machine)
}
