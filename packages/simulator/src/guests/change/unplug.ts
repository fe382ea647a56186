// Unplugs a device from a running machine: QEMU asks the guest, which must release it (qemu-server `vm_deviceunplug`).
import { failure } from '../../errors.ts'
import { driveKeys } from '../../state/drives.ts'
import type { Machine } from '../../state/machines.ts'
import { textOf } from '../../state/vm-config.ts'
import { pause } from '../../tasks/pause.ts'
import type { TaskContext } from '../../tasks/tasks.ts'
import type { World } from '../../world.ts'
import { behaviourOf } from '../inside/behaviour.ts'
import { hasBooted } from '../inside/boots.ts'
import { bootDisks } from './boot-order.ts'

export interface Unplugging {
  readonly world: World
  readonly task: TaskContext
  readonly machine: Machine
}

/** Unplugs the device. @throws for a boot disk, and for a guest that does not release the device */
export async function unplug(work: Unplugging, key: string): Promise<void> {
  const { machine } = work
  if (machine.power?.released?.includes(key) === true) return
  if (bootDisks(machine.config).includes(key)) throw failure(`can't unplug bootdisk '${key}'`)
  if (/^(?:ide|sata)/.test(key)) throw failure(`can't unplug device '${key}'`)
  const device = deviceToRelease(machine, key)
  if (device === undefined) return
  const { power } = machine
  if (key.startsWith('scsi') && power !== undefined) power.released = [...(power.released ?? []), key]
  await release(work, device)
  if (power !== undefined) delete power.released
}

/**
 * A SCSI disk needs no release by the guest. If it was the last disk of its controller, the guest must release the
 * controller.
 */
function deviceToRelease({ config }: Machine, key: string): string | undefined {
  if (!key.startsWith('scsi')) return key
  const index = Number(key.slice(4))
  const hardware = textOf(config, 'scsihw') ?? 'lsi'
  if (hardware === 'virtio-scsi-single') return `virtioscsi${index}`
  const perController = hardware.startsWith('lsi') ? 7 : 256
  const controller = Math.floor(index / perController)
  const others = driveKeys.filter((other) => other.startsWith('scsi') && other !== key && config.values.has(other))
  const isShared = others.some((other) => Number(other.slice(4)) < (perController - 1) * (controller + 1))
  return isShared ? undefined : `scsihw${controller}`
}

async function release({ world, task, machine }: Unplugging, device: string): Promise<void> {
  if (behaviourOf(world, machine.vmid).hotplug && hasBooted(world, machine))
    return pause(world, task, world.latency.unplugMs)
  // The timeout of a controller is longer than that of a card or a disk.
  const patience = /^(?:virtioscsi|scsihw)/.test(device) ? 16 : 6
  await pause(world, task, world.latency.unplugTimeoutMs * patience)
  const hint = world.version === '8.4' ? '' : ' - still busy in guest?'
  throw failure(`error on hot-unplugging device '${device}'${hint}`)
}
