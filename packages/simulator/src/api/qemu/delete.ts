// DELETE /nodes/{node}/qemu/{vmid}: removes a machine and its disks, unless a linked clone still uses one.
import { failure, sentenceOf } from '../../errors.ts'
import { freeVolume, isReadByClones } from '../../guests/drives/free-volume.ts'
import { withGuestLock } from '../../guests/guest-locks.ts'
import { forgetResource } from '../../guests/high-availability.ts'
import { checkUnlocked, isTemplate } from '../../guests/power.ts'
import { driveKeys, isCdrom, isCloudInit, parseDrive } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import { imageVolumes } from '../../storage/listing.ts'
import { isOnNode } from '../../storage/storage-config.ts'
import { resolveVolume, type Volume } from '../../storage/volume.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { Call, Endpoint } from '../call.ts'

export const qemuDeleteEndpoints: readonly Endpoint[] = [
  { path: '/nodes/{node}/qemu/{vmid}', method: 'DELETE', handle: destroy },
]

async function destroy(call: Call): Promise<string> {
  const { world, node } = call
  const vmid = call.integer('vmid')
  const machine = world.machines.get(node, vmid)
  if (machine.config.values.get('protection') === 1) {
    throw failure(`can't remove VM ${vmid} - protection mode enabled`)
  }
  if (world.ha.resources.has(`vm:${vmid}`) && !call.flag('purge')) {
    throw failure(`unable to remove VM ${vmid} - used in HA resources and purge parameter not set.`)
  }
  if (machine.power !== undefined) throw failure(`VM ${vmid} is running - destroy failed`)
  return call.task('qmdestroy', String(vmid), (task) =>
    withGuestLock(world, { node, vmid, task }, () => remove(call, task, vmid)),
  )
}

async function remove(call: Call, task: TaskContext, vmid: number): Promise<void> {
  const { world, node } = call
  const machine = world.machines.get(node, vmid)
  const isSuspended = machine.config.values.get('lock') === 'suspended'
  if (!call.flag('skiplock') && !isSuspended) checkUnlocked(machine)
  if (machine.power !== undefined) throw failure(`VM ${vmid} is running - destroy failed`)
  world.machines.requireWritable(machine)
  const volumes = ownVolumes(call, machine)
  if (isTemplate(machine)) for (const volume of volumes) await checkUnused(call, volume)
  await pause(world, task, world.latency.destroyMs)
  for (const volume of volumes) {
    const warn = (why: string): void => task.warn(`Could not remove disk '${volume.volid}', check manually: ${why}`)
    await freeVolume(world, { node, task }, volume).catch((error: unknown) => warn(sentenceOf(error)))
  }
  if (call.flag('destroy-unreferenced-disks')) await freeUnreferenced(call, task, vmid)
  leaveLock(machine)
  world.machines.save(machine)
  await pause(world, task, 0)
  if (call.flag('purge')) task.log(`purging VM ${vmid} from related configurations..`)
  if (forgetResource(world, `vm:${vmid}`)) world.ha.save()
  for (const pool of world.users.pools.values()) pool.machines.delete(vmid)
  world.users.acl = world.users.acl.filter((entry) => entry.path !== `/vms/${vmid}`)
  world.users.save()
  world.firewalls.remove(vmid)
  world.machines.remove(machine)
}

/**
 * Leaves what qemu-server `destroy_vm` leaves while other files still name the machine, so that its id is not reused.
 */
function leaveLock({ config }: Machine): void {
  config.values.clear()
  config.values.set('lock', 'destroyed')
  delete config.description
}

function ownVolumes({ world, node }: Call, machine: Machine): readonly Volume[] {
  const keys = [...driveKeys, 'vmstate', ...[...machine.config.values.keys()].filter((key) => /^unused\d+$/.test(key))]
  return keys.flatMap((key) => {
    const text = textOf(machine.config, key)
    if (text === undefined) return []
    const drive = parseDrive(text)
    if (!drive.file.includes(':') || (isCdrom(drive) && !isCloudInit(drive))) return []
    const volume = resolveVolume(world.storage.storages, drive.file, { root: world.root, node })
    return volume.vmid === machine.vmid ? [volume] : []
  })
}

/** An early check, without the storage's lock. */
async function checkUnused({ world, node }: Call, volume: Volume): Promise<void> {
  if (await isReadByClones(world, node, volume)) {
    throw failure(`base volume '${volume.volid}' is still in use by linked cloned`)
  }
}

async function freeUnreferenced({ world, node }: Call, task: TaskContext, vmid: number): Promise<void> {
  const place = { root: world.root, node }
  for (const storage of world.storage.storages.values()) {
    if (!storage.content.has('images') || storage.disabled || !isOnNode(storage, node)) continue
    for (const volume of await imageVolumes(world.storage.storages, storage, place)) {
      if (volume.vmid !== vmid) continue
      await freeVolume(world, { node, task }, volume).catch((error: unknown) => task.warn(sentenceOf(error)))
    }
  }
}
