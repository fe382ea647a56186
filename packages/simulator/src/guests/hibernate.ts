// Suspends a machine to disk (qemu-server `RunState.pm:vm_suspend`). It is resumed when it is started.
import type { Call } from '../api/call.ts'
import { failure } from '../errors.ts'
import type { Machine } from '../state/machines.ts'
import { pause } from '../tasks/pause.ts'
import type { TaskContext } from '../tasks/tasks.ts'
import { withGuestLock } from './guest-locks.ts'
import { isManaged } from './high-availability.ts'
import { checkUnlocked, powerOff } from './power.ts'
import { checkSavable, saveState, stateStorage } from './saved-state.ts'

/** Checks a request before its task starts. Returns the storage for the state. */
export function readHibernation(call: Call, machine: Machine): string {
  const { vmid, config } = machine
  if (isManaged(call.world, vmid)) throw failure('Cannot suspend HA managed VM to disk')
  call.needs(`/vms/${vmid}`, 'VM.Config.Disk')
  if ([...config.values.keys()].some((key) => /^hostpci\d+$/.test(key))) {
    throw failure(
      'cannot suspend VM to disk due to passed-through PCI device(s), which lack the possibility to save/restore their internal state',
    )
  }
  const storage = call.optional('statestorage') ?? stateStorage(call, machine)
  call.needs(`/storage/${storage}`, 'Datastore.AllocateSpace')
  return storage
}

/** The work of the task. While the state is written, the machine has the lock `suspending`. */
export async function hibernate(
  call: Call,
  task: TaskContext,
  { vmid, storage }: { vmid: number; storage: string },
): Promise<void> {
  const { world, node } = call
  await withGuestLock(world, { node, vmid, task }, async () => {
    const machine = world.machines.get(node, vmid)
    const { values } = machine.config
    const isBackedUp = values.get('lock') === 'backup'
    if (!call.flag('skiplock') && !isBackedUp) checkUnlocked(machine)
    if (isBackedUp) throw failure('cannot suspend to disk during backup')
    checkSavable(machine)
    const date = new Date(world.clock.now()).toISOString().slice(0, 10)
    const state = await saveState(call, task, { machine, storage, name: `suspend-${date}` })
    for (const [key, value] of [...state, ['lock', 'suspending'] as const]) values.set(key, value)
    world.machines.save(machine)
  })
  await pause(world, task, world.latency.otherTaskMs)
  task.log('State saved, quitting')
  await withGuestLock(world, { node, vmid, task }, () => {
    const machine = world.machines.get(node, vmid)
    if (machine.config.values.get('lock') !== 'suspending') throw failure('lock changed unexpectedly')
    powerOff(world, machine)
    machine.config.values.set('lock', 'suspended')
    world.machines.save(machine)
  })
}
