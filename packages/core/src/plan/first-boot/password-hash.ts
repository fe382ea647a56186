// A password's fingerprint that may be seen by all who may read a machine's description: slow, salted and short.
import { scrypt } from '@noble/hashes/scrypt.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

const COST = { N: 2 ** 14, r: 8, p: 1, dkLen: 4 }
const known = new Map<string, string>()

/**
 * 8 hex digits that tell whether a password is still the same, where Proxmox shows asterisks. Slow, so that trying
 * many is; short, so that very many wrong passwords fit as well and a hit proves little. Each password of a project is
 * hashed once a process.
 */
export function passwordHash(password: string, project: string): string {
  const key = JSON.stringify([project, password])
  const found =
    known.get(key) ?? bytesToHex(scrypt(utf8ToBytes(password), utf8ToBytes(`pve-provision ${project}`), COST))
  known.set(key, found)
  return found
}
