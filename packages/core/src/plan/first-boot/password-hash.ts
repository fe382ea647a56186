// Computes a fingerprint of a password that may be stored in a description, which others can read: slow, salted and
// short.
import { scrypt } from '@noble/hashes/scrypt.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

const COST = { N: 2 ** 14, r: 8, p: 1, dkLen: 4 }
const known = new Map<string, string>()

/**
 * Returns 8 hex digits that show if a password has changed, because Proxmox only shows asterisks. It is slow, so that
 * guessing is slow, and short, so that many wrong passwords match and a match proves little. Each password of a project
 * is hashed once per process.
 */
export function passwordHash(password: string, project: string): string {
  const key = JSON.stringify([project, password])
  const found =
    known.get(key) ?? bytesToHex(scrypt(utf8ToBytes(password), utf8ToBytes(`pve-provision ${project}`), COST))
  known.set(key, found)
  return found
}
