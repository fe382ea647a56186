// The version of QEMU in each Proxmox VE.
import type { PveVersion } from '../state/privileges.ts'
import type { World } from '../world.ts'

export function installedQemu(version: PveVersion): string {
  return version === '8.4' ? '9.2.0' : '11.0.0'
}

export const qemuVersion = ({ version }: World): string => installedQemu(version)
