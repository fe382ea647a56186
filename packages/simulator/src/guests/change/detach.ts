// Detaches a disk: it is freed on request, else kept as `unusedN`.
import type { Call } from '../../api/call.ts'
import { isCdrom, isCloudInit, parseDrive } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import { deallocate, registerUnused } from '../drives/free-volume.ts'

/** qemu-server `QemuServer.pm:vmconfig_delete_or_detach_drive` */
export async function deleteOrDetach(
  call: Call,
  task: TaskContext,
  { machine, key, force }: { machine: Machine; key: string; force: boolean },
): Promise<void> {
  const drive = parseDrive(textOf(machine.config, key) ?? 'none')
  if (!force) return registerUnused(call, task, { machine, drive })
  call.needs(`/vms/${machine.vmid}`, 'VM.Config.Disk')
  if (!isCdrom(drive) || isCloudInit(drive)) await deallocate(call, task, { machine, key, drive })
}
