// Which passwords Proxmox's own writer carries to the guest as they were meant.
import { isPasswordHash } from '../../manifest/password.ts'

/**
 * What Proxmox takes for a hash and passes on as it is; all else it hashes, a hash of another kind too (qemu-server
 * `Qemu.pm` `update_vm_api`, 8.4 and 9.2).
 */
const HASH_FOR_PROXMOX = /^\$(?:[156]|2[ay])(\$.+){2}/

/** Whether Proxmox's config can carry a password so that the guest gets what was meant. */
export function fitsProxmox(password: string): boolean {
  return isPasswordHash(password) === HASH_FOR_PROXMOX.test(password)
}
