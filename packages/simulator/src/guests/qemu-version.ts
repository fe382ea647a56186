// Which QEMU comes with which Proxmox VE.
import type { World } from '../world.ts'

export function qemuVersion({ version }: World): string {
  return version === '8.4' ? '9.2.0' : '11.0.0'
}

/** `11.0`: what machine types are named after. */
export function machineVersion(world: World): string {
  return qemuVersion(world).split('.').slice(0, 2).join('.')
}
