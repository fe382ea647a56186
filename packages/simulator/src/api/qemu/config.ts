// Reads and changes a machine's configuration.
import { badParameters, failure } from '../../errors.ts'
import { applyChange } from '../../guests/change/apply-change.ts'
import { type Change, readChange, updateLine } from '../../guests/change/read-change.ts'
import { withGuestLock } from '../../guests/guest-locks.ts'
import { isWide, printWarning, readBack } from '../../guests/options/wide-characters.ts'
import { checkUnlocked } from '../../guests/power.ts'
import type { Machine } from '../../state/machines.ts'
import { type ConfigValue, digestOf, type VmConfig } from '../../state/vm-config.ts'
import { pause } from '../../tasks/pause.ts'
import { quietTask } from '../../tasks/quiet-task.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { type Call, type Endpoint, endedWithin, listOf } from '../call.ts'

export const qemuConfigEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/qemu/{vmid}/config', method: 'GET', handle: showConfig },
  { path: '/nodes/{node}/qemu/{vmid}/pending', method: 'GET', handle: showPending },
  { path: '/nodes/{node}/qemu/{vmid}/config', method: 'PUT', handle: (call) => changeNow(call) },
  { path: '/nodes/{node}/qemu/{vmid}/config', method: 'POST', handle: (call) => changeInTask(call) },
]

const hidden = (key: string, value: ConfigValue): ConfigValue => (key === 'cipassword' ? '**********' : value)

function showConfig(call: Call): Record<string, unknown> {
  const { config } = call.world.machines.get(call.node, call.integer('vmid'))
  const name = call.optional('snapshot')
  if (name !== undefined && call.flag('current')) {
    const text = "cannot use 'snapshot' parameter with 'current'"
    throw badParameters({ snapshot: text, current: text })
  }
  if (name !== undefined) return showSnapshot(config, name)
  const values = new Map(config.values)
  if (!call.flag('current')) {
    for (const key of config.pendingDelete.keys()) values.delete(key)
    for (const [key, value] of config.pending) values.set(key, value)
  }
  return {
    ...Object.fromEntries([...values].map(([key, value]) => [key, hidden(key, value)])),
    ...(config.description !== undefined && { description: config.description }),
    digest: digestOf(config),
  }
}

function showSnapshot(config: VmConfig, name: string): Record<string, unknown> {
  const snapshot = config.snapshots.get(name)
  if (snapshot === undefined) throw failure(`snapshot '${name}' does not exist`)
  const { values, description } = snapshot
  const shown = [...values].map(([key, value]) => [key, hidden(key, value)])
  return { ...Object.fromEntries(shown), ...(description !== undefined && { description }), digest: digestOf(config) }
}

function showPending(call: Call): readonly Record<string, unknown>[] {
  const { config } = call.world.machines.get(call.node, call.integer('vmid'))
  const rows: Record<string, unknown>[] = [...config.values].map(([key, value]) => ({
    key,
    value: hidden(key, value),
    ...(config.pending.has(key) && { pending: hidden(key, config.pending.get(key) ?? '') }),
    ...(config.pendingDelete.has(key) && { delete: config.pendingDelete.get(key) === true ? 2 : 1 }),
  }))
  if (config.description !== undefined) rows.push({ key: 'description', value: config.description })
  rows.push({ key: 'digest', value: digestOf(config) })
  for (const [key, value] of config.pending) {
    if (!config.values.has(key)) rows.push({ key, pending: hidden(key, value) })
  }
  return rows
}

interface Update {
  readonly vmid: number
  readonly change: Change
}

function changeable(call: Call, vmid: number): Machine {
  const machine = call.world.machines.get(call.node, vmid)
  const digest = call.optional('digest')
  if (digest !== undefined && digest !== digestOf(machine.config)) {
    throw failure('checksum mismatch (file change by other user?)')
  }
  // Removing the state of a suspended machine removes its lock too.
  const dropsState =
    machine.config.values.get('lock') === 'suspended' && listOf(call.optional('delete')).includes('vmstate')
  if (!call.flag('skiplock') && !dropsState) checkUnlocked(machine)
  return machine
}

export async function changeNow(call: Call): Promise<null> {
  const vmid = call.integer('vmid')
  const change = readChange(call, vmid)
  call.world.machines.get(call.node, vmid)
  await withGuestLock(call.world, { node: call.node, vmid }, async () => {
    await applyChange(call, quietTask(), { machine: changeable(call, vmid), change })
  })
  return null
}

async function changeInTask(call: Call): Promise<string | null> {
  const vmid = call.integer('vmid')
  const update: Update = { vmid, change: readChange(call, vmid) }
  call.world.machines.get(call.node, vmid)
  const upid = await (call.world.version === '8.4' ? lockThenTask(call, update) : taskThenLock(call, update))
  const seconds = call.optional('background_delay')
  return endedWithin(call, upid, { seconds, context: `failed to update VM ${vmid}: ` })
}

async function work(call: Call, task: TaskContext, { vmid, change }: Update): Promise<void> {
  const line = updateLine(call, vmid)
  if (isWide(line)) task.log(printWarning('API2/Qemu.pm', 2160))
  task.log(readBack(line))
  await pause(call.world, task, 0)
  await applyChange(call, task, { machine: changeable(call, vmid), change })
  if (isWide(line)) task.log(printWarning('Tools.pm', 311))
}

/** Up to 8, the call takes the lock and its worker inherits it. So a lock timeout is the call's own error. */
function lockThenTask(call: Call, update: Update): Promise<string> {
  const { world, node } = call
  return new Promise((resolve, reject) => {
    withGuestLock(world, { node, vmid: update.vmid }, async () => {
      changeable(call, update.vmid)
      const upid = await call.task('qmconfig', String(update.vmid), (task) => work(call, task, update))
      resolve(upid)
      await world.tasks.find(upid)?.done
    }).catch(reject)
  })
}

/** From 9 on, the worker takes the lock. The call itself looks at digest and lock first, and so does the worker. */
function taskThenLock(call: Call, update: Update): Promise<string> {
  const { world, node } = call
  changeable(call, update.vmid)
  return call.task('qmconfig', String(update.vmid), (task) =>
    withGuestLock(world, { node, vmid: update.vmid, task }, () => work(call, task, update)),
  )
}
