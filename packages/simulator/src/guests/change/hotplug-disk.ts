// Changes disks of a running machine (qemu-server `QemuServer.pm:vmconfig_update_disk`).
import { failure } from '../../errors.ts'
import { type Drive, isCdrom, isCloudInit, parseDrive } from '../../state/drives.ts'
import { differ } from '../../state/fields.ts'
import { textOf } from '../../state/vm-config.ts'
import { registerUnused } from '../drives/free-volume.ts'
import { hotplugFeatures } from './hotplug-features.ts'
import type { Hotplug, Outcome } from './hotplug-work.ts'
import { unplug } from './unplug.ts'

/** Drive options that cannot change while the device exists. */
const fixed = ['aio', 'cache', 'discard', 'iothread', 'product', 'queues', 'ro', 'ssd', 'vendor']

export async function hotplugDisk(work: Hotplug, key: string, value: string): Promise<Outcome> {
  const drive = parseDrive(value)
  const before = textOf(work.machine.config, key)
  if (before === undefined) return plug(work, key)
  const old = parseDrive(before)
  if (isCdrom(old) !== isCdrom(drive)) throw failure('unable to change media type')
  if (isCdrom(old)) return changeMedium(work, { old, drive })
  if (old.file === drive.file) return differ(old.options, drive.options, fixed) ? 'pending' : 'applied'
  if (!hotplugFeatures(work.machine.config).has('disk')) return 'pending'
  const { call, task, machine } = work
  await unplug({ world: call.world, task, machine }, key)
  await registerUnused(call, task, { machine, drive: old })
  return plug(work, key)
}

function plug({ machine }: Hotplug, key: string): Outcome {
  return hotplugFeatures(machine.config).has('disk') && !/^(?:ide|sata)/.test(key) ? 'applied' : 'pending'
}

/** A cloud-init drive that is ejected loses its volume. If it gets another medium, its volume stays behind. */
async function changeMedium(
  { call, task, machine }: Hotplug,
  { old, drive }: { old: Drive; drive: Drive },
): Promise<Outcome> {
  if (drive.file === 'none' && isCloudInit(old)) await registerUnused(call, task, { machine, drive: old })
  return 'applied'
}
