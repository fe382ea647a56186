// Snapshots: taken if all disks support them, else refused.
import { randomUUID } from 'node:crypto'
import { failure } from '../../errors.ts'
import { guestDisks } from '../../guests/drives/disks.ts'
import { addUnused, freeVolume, isInUse, volumeOf } from '../../guests/drives/free-volume.ts'
import { withGuestLock } from '../../guests/guest-locks.ts'
import { checkUnlocked, isTemplate, startFromState, startGuest, stopGuest } from '../../guests/power.ts'
import { checkSavable, saveState, stateOptions, stateStorage } from '../../guests/saved-state.ts'
import { memoryBytes } from '../../guests/status.ts'
import { isUnusedKey } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { digestOf, textOf, type VmSection } from '../../state/vm-config.ts'
import { hiddenFormat } from '../../storage/images.ts'
import { snapshotImage } from '../../storage/qemu-img.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { Call, Endpoint } from '../call.ts'

const root = '/nodes/{node}/qemu/{vmid}/snapshot'

export const qemuSnapshotEndpoints: readonly Endpoint[] = [
  { path: root, method: 'GET', handle: list },
  { path: root, method: 'POST', handle: create },
  { path: `${root}/{snapname}`, method: 'GET', handle: () => [{ cmd: 'rollback' }, { cmd: 'config' }] },
  { path: `${root}/{snapname}`, method: 'DELETE', handle: remove },
  { path: `${root}/{snapname}/config`, method: 'GET', handle: showConfig },
  { path: `${root}/{snapname}/config`, method: 'PUT', handle: describe },
  { path: `${root}/{snapname}/rollback`, method: 'POST', handle: rollback },
]

function list(call: Call): readonly Record<string, unknown>[] {
  const { config, power } = call.world.machines.get(call.node, call.integer('vmid'))
  const rows = [...config.snapshots].map(([name, section]) => {
    const parent = textOf(section, 'parent')
    return {
      name,
      description: section.description ?? '',
      snaptime: Number(section.values.get('snaptime') ?? 0),
      vmstate: section.values.has('vmstate') ? 1 : 0,
      ...(parent !== undefined && { parent }),
    }
  })
  const parent = textOf(config, 'parent')
  const current = {
    name: 'current',
    description: 'You are here!',
    digest: digestOf(config),
    running: power === undefined ? 0 : 1,
    ...(parent !== undefined && { parent }),
  }
  return [...rows, current]
}

function inTask(
  call: Call,
  type: string,
  work: (task: TaskContext, machine: Machine, name: string) => Promise<void>,
): Promise<string> {
  const { world, node } = call
  const vmid = call.integer('vmid')
  const name = call.text('snapname')
  return call.task(type, String(vmid), (task) =>
    withGuestLock(world, { node, vmid, task }, async () => {
      const machine = world.machines.get(node, vmid)
      checkUnlocked(machine)
      await pause(world, task, world.latency.otherTaskMs)
      await work(task, machine, name)
      world.machines.save(machine)
    }),
  )
}

async function create(call: Call): Promise<string> {
  const wanted = call.text('snapname')
  if (wanted === 'current') throw failure("unable to use snapshot name 'current' (reserved name)")
  if (wanted.toLowerCase() === 'pending') throw failure("unable to use snapshot name 'pending' (reserved name)")
  call.world.machines.get(call.node, call.integer('vmid'))
  return inTask(call, 'qmsnapshot', async (task, machine, name) => {
    if (isTemplate(machine)) throw failure("you can't take a snapshot if it's a template")
    if (call.flag('vmstate')) checkSavable(machine)
    if (machine.config.snapshots.has(name)) throw failure(`snapshot name '${name}' already used`)
    const disks = guestDisks(call, machine.config)
    if (disks.some(({ volume }) => hiddenFormat(volume) !== 'qcow2')) throw failure('snapshot feature is not available')
    const state = await savedMemory(call, task, { machine, name })
    for (const { key, volume } of disks) {
      task.log(`snapshotting 'drive-${key}' (${volume.volid})`)
      await call.world.clock.during(() => snapshotImage(volume.realPath, 'create', name))
    }
    remember(call, machine, { name, state })
  })
}

/** Saves the memory of a running machine if the call wants it. */
async function savedMemory(
  call: Call,
  task: TaskContext,
  { machine, name }: { machine: Machine; name: string },
): Promise<ReadonlyMap<string, string>> {
  if (!call.flag('vmstate') || machine.power === undefined) return new Map()
  const storage = stateStorage(call, machine)
  const state = await saveState(call, task, { machine, storage, name })
  task.log(`saving VM state and RAM using storage '${storage}'`)
  const saved = (memoryBytes(machine) / 8 / 1024 ** 2).toFixed(2)
  task.log(`completed saving the VM state in 1s, saved ${saved} MiB`)
  return state
}

function remember(
  call: Call,
  machine: Machine,
  { name, state }: { name: string; state: ReadonlyMap<string, string> },
): void {
  const { config } = machine
  const values = new Map([...[...config.values].filter(([key]) => !isUnusedKey(key) && key !== 'lock'), ...state])
  values.set('snaptime', Math.floor(call.world.clock.now() / 1000))
  const description = call.optional('description')
  config.snapshots.set(name, { values, ...(description !== undefined && description !== '' && { description }) })
  config.values.set('parent', name)
}

function requireSnapshot(call: Call): VmSection {
  const name = call.text('snapname')
  const snapshot = call.world.machines.get(call.node, call.integer('vmid')).config.snapshots.get(name)
  if (snapshot === undefined) throw failure(`snapshot '${name}' does not exist`)
  return snapshot
}

function showConfig(call: Call): Record<string, unknown> {
  const { values, description } = requireSnapshot(call)
  return { ...Object.fromEntries(values), ...(description !== undefined && { description }) }
}

async function describe(call: Call): Promise<null> {
  const { world, node } = call
  const vmid = call.integer('vmid')
  await withGuestLock(world, { node, vmid }, () => {
    const snapshot = requireSnapshot(call)
    const description = call.optional('description') ?? ''
    if (description === '') delete snapshot.description
    else snapshot.description = description
    world.machines.save(world.machines.get(node, vmid))
  })
  return null
}

async function remove(call: Call): Promise<string> {
  return inTask(call, 'qmdelsnapshot', async (task, machine, name) => {
    const { snapshots, values } = machine.config
    const snapshot = snapshots.get(name)
    if (snapshot === undefined) throw failure(`snapshot '${name}' does not exist`)
    if (isTemplate(machine)) throw failure("you can't delete a snapshot if vm is a template")
    const disks = guestDisks(call, snapshot)
    const state = textOf(snapshot, 'vmstate')
    if (state !== undefined) await freeVolume(call.world, { node: call.node, task }, volumeOf(call, state))
    for (const { volume } of disks) await call.world.clock.during(() => snapshotImage(volume.realPath, 'delete', name))
    const parent = snapshot.values.get('parent')
    for (const section of [machine.config, ...snapshots.values()]) {
      if (section.values.get('parent') !== name) continue
      if (parent === undefined) section.values.delete('parent')
      else section.values.set('parent', parent)
    }
    snapshots.delete(name)
    if (values.get('parent') === name) values.delete('parent')
    for (const { volume } of disks) if (!isInUse(machine, undefined, volume.volid)) addUnused(machine, volume.volid)
  })
}

async function rollback(call: Call): Promise<string> {
  return inTask(call, 'qmrollback', async (task, machine, name) => {
    if (isTemplate(machine)) throw failure("you can't rollback if vm is a template")
    const snapshot = machine.config.snapshots.get(name)
    if (snapshot === undefined) throw failure(`snapshot '${name}' does not exist`)
    if (machine.power !== undefined) await stopGuest(call, task, machine)
    const disks = guestDisks(call, snapshot)
    for (const { volume } of disks) await call.world.clock.during(() => snapshotImage(volume.realPath, 'apply', name))
    takeUp(call, machine, { name, snapshot })
    const state = textOf(snapshot, 'vmstate')
    if (state !== undefined) await startFromState(call, task, { machine, state })
    else if (call.flag('start'))
      await call.task('qmstart', String(machine.vmid), (start) => startGuest(call, start, machine.vmid))
  })
}

const notRestored = new Set(['snaptime', 'vmstate', ...stateOptions])

/** Restores the config of the snapshot. Newer disks are kept as unused, like disks that were already unused. */
function takeUp(call: Call, machine: Machine, { name, snapshot }: { name: string; snapshot: VmSection }): void {
  const { config } = machine
  const then = new Set(guestDisks(call, snapshot, { cloudInit: true }).map(({ volume }) => volume.volid))
  const since = guestDisks(call, config, { cloudInit: true }).filter(({ volume }) => !then.has(volume.volid))
  for (const { volume } of since) addUnused(machine, volume.volid)
  const unused = [...config.values].filter(([key]) => isUnusedKey(key))
  config.values.clear()
  for (const [key, value] of snapshot.values) {
    if (!notRestored.has(key) && !isUnusedKey(key)) config.values.set(key, value)
  }
  for (const [key, value] of unused) if (!isInUse(machine, undefined, String(value))) config.values.set(key, value)
  config.values.set('parent', name)
  if (config.values.has('vmgenid')) config.values.set('vmgenid', randomUUID())
  config.pending.clear()
  config.pendingDelete.clear()
  config.cloudInit.clear()
}
