// Parses, formats and checks `boot: order=scsi0;net0`.
import { failure } from '../../errors.ts'
import { isDriveKey } from '../../state/drives.ts'
import { type ConfigValue, textOf, type VmSection } from '../../state/vm-config.ts'

export function bootOrder(config: VmSection): readonly string[] {
  return orderOf(textOf(config, 'boot') ?? '')
}

export function orderOf(boot: string): readonly string[] {
  const order = /(?:^|,)order=([^,]*)/.exec(boot)?.[1] ?? ''
  return order.split(/[;\s]+/).filter(Boolean)
}

/** In the configuration file, a single space means an empty order. */
export function printOrder(devices: readonly string[]): string {
  return devices.length === 0 ? ' ' : `order=${devices.join(';')}`
}

/** Returns the boot disks, which cannot be detached while the machine runs (qemu-server `Drive.pm:get_bootdisks`). */
export function bootDisks(config: VmSection): readonly string[] {
  const boot = textOf(config, 'boot')
  if (boot?.includes('order=') === true) return bootOrder(config).filter(isDriveKey)
  const legacy = textOf(config, 'bootdisk')
  return legacy === undefined ? [] : [legacy]
}

/** Checks that all devices exist. @throws Proxmox's error for a missing device, including its stray quote */
export function checkOrder(
  boot: string,
  { isThere }: { readonly isThere: (device: string) => ConfigValue | boolean | undefined },
): void {
  const missing = orderOf(boot).find((device) => !isThere(device))
  if (missing !== undefined) throw failure(`invalid bootorder: device '${missing}' does not exist'`)
}
