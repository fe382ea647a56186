// Decides which passwords Proxmox passes to the guest correctly.
import { isPasswordHash } from '../../manifest/password.ts'

/**
 * What Proxmox recognizes as a hash and passes on unchanged. It hashes everything else, including other kinds of hashes
 * (qemu-server `Qemu.pm` `update_vm_api`, 8.4 and 9.2).
 */
const HASH_FOR_PROXMOX = /^\$(?:[156]|2[ay])(\$.+){2}/

/** Returns true if Proxmox passes the password to the guest correctly. */
export function fitsProxmox(password: string): boolean {
  return isPasswordHash(password) === HASH_FOR_PROXMOX.test(password)
}
