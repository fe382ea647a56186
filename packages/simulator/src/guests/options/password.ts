// Hashes cloud-init passwords as an update does: SHA-256 crypt (`$5$`), unless they look hashed already. Node has no
// crypt(3); this is the algorithm of https://www.akkadia.org/drepper/SHA-crypt.txt with its default rounds.
import { createHash, randomBytes } from 'node:crypto'

/** qemu-server `Qemu.pm:update_vm_api`: `$y$` and `$2b$` count as plain text. */
export function isEncrypted(password: string): boolean {
  return /^\$(?:[156]|2[ay])(?:\$.+){2}/.test(password)
}

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function randomSalt(): string {
  return [...randomBytes(8)].map((byte) => alphabet[byte % 64]).join('')
}

/** `$5$salt$hash` */
export function encryptPassword(password: string, salt = randomSalt()): string {
  const digest = stretch(Buffer.from(password, 'utf8'), Buffer.from(salt, 'latin1'))
  return `$5$${salt}$${encode(digest)}`
}

const sha256 = (...parts: readonly Buffer[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

/** `source`, repeated and cut to `length`. */
const filled = (source: Buffer, length: number): Buffer => Buffer.alloc(length, source)

function stretch(password: Buffer, salt: Buffer): Buffer {
  const first = firstDigest(password, salt)
  const passwordBytes = filled(sha256(filled(password, password.length ** 2)), password.length)
  const saltBytes = filled(sha256(filled(salt, salt.length * (16 + (first[0] ?? 0)))), salt.length)
  let digest = first
  for (let round = 0; round < 5_000; round += 1) {
    const isOdd = round % 2 === 1
    const parts = [isOdd ? passwordBytes : digest]
    if (round % 3 !== 0) parts.push(saltBytes)
    if (round % 7 !== 0) parts.push(passwordBytes)
    digest = sha256(...parts, isOdd ? digest : passwordBytes)
  }
  return digest
}

function firstDigest(password: Buffer, salt: Buffer): Buffer {
  const inner = sha256(password, salt, password)
  const parts = [password, salt, filled(inner, password.length)]
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits % 2 === 1 ? inner : password)
  return sha256(...parts)
}

/** Three bytes become four characters, in the algorithm's own order. */
function encode(digest: Buffer): string {
  let text = ''
  for (let group = 0; group < 10; group += 1) {
    const order = [group, group + 10, group + 20]
    const [a = 0, b = 0, c = 0] = order.map((_, place) => digest[order[(place + 3 - (group % 3)) % 3] ?? 0])
    text += letters(a * 65_536 + b * 256 + c, 4)
  }
  return text + letters((digest[31] ?? 0) * 256 + (digest[30] ?? 0), 3)
}

function letters(value: number, count: number): string {
  return Array.from({ length: count }, (_, index) => alphabet[(value >> (6 * index)) & 63]).join('')
}
