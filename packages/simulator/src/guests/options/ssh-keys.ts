// Checks SSH public keys like `ssh-keygen -l`, which Proxmox uses (PVE::Tools `validate_ssh_public_keys`).
import { createPublicKey } from 'node:crypto'
import { failure } from '../../errors.ts'

/**
 * Throws unless every line that is not blank is a complete key. A comment is not a key. The form contains them
 * percent-encoded.
 */
export function checkKeys(value: string): void {
  const lines = decodeText(value).split('\n')
  if (!lines.every((line) => line.trim() === '' || isPublicKey(line))) throw failure('SSH public key validation error')
}

/** Percent signs that do not encode anything are unchanged, as in Perl's `uri_unescape`. */
function decodeText(text: string): string {
  const bytes = text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Returns true for a key, or for one word of options (which may contain quoted spaces) and a key. */
export function isPublicKey(line: string): boolean {
  const text = line.trimStart()
  if (text.startsWith('#')) return false
  const [options = ''] = /^(?:"(?:\\.|[^"\\])*"|[^"\s])+/.exec(text) ?? []
  return isKey(text) || (options !== '' && isKey(text.slice(options.length).trimStart()))
}

function isKey(text: string): boolean {
  const [, type, blob] = /^(\S+)[ \t]+(\S+)/.exec(text) ?? []
  if (type === undefined || blob === undefined || blob.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(blob)) {
    return false
  }
  const [name, ...fields] = fieldsOf(Buffer.from(blob, 'base64')) ?? []
  if (name?.toString('latin1') !== type) return false
  return type.includes('-cert-v01@') ? fields.length > 0 : (shapes[type]?.(fields) ?? false)
}

/** Returns the length-prefixed fields of a key. Undefined if the last one is incomplete. */
function fieldsOf(blob: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = []
  let at = 0
  while (at < blob.length) {
    if (at + 4 > blob.length) return undefined
    const end = at + 4 + blob.readUInt32BE(at)
    if (end > blob.length) return undefined
    fields.push(blob.subarray(at + 4, end))
    at = end
  }
  return fields
}

type Shape = (fields: readonly Buffer[]) => boolean

const ed25519: Shape = ([key]) => key?.length === 32
const smallestModulusBits = 1024

const shapes: Readonly<Record<string, Shape>> = {
  'ssh-ed25519': (fields) => fields.length === 1 && ed25519(fields),
  'sk-ssh-ed25519@openssh.com': (fields) => fields.length === 2 && ed25519(fields),
  'ssh-rsa': (fields) => fields.length === 2 && bitsOf(fields[1]) >= smallestModulusBits,
  'ssh-dss': (fields) => fields.length === 4,
  'ecdsa-sha2-nistp256': (fields) => fields.length === 2 && isOnCurve('P-256', fields),
  'ecdsa-sha2-nistp384': (fields) => fields.length === 2 && isOnCurve('P-384', fields),
  'ecdsa-sha2-nistp521': (fields) => fields.length === 2 && isOnCurve('P-521', fields),
  'sk-ecdsa-sha2-nistp256@openssh.com': (fields) => fields.length === 3 && isOnCurve('P-256', fields),
}

function bitsOf(number: Buffer | undefined): number {
  const hex = number?.toString('hex').replace(/^(?:00)+/, '') ?? ''
  return hex === '' ? 0 : BigInt(`0x${hex}`).toString(2).length
}

function isOnCurve(crv: string, [curve, point]: readonly Buffer[]): boolean {
  if (curve?.toString() !== `nistp${crv.slice(2)}` || point?.[0] !== 4 || point.length % 2 === 0) return false
  const half = (point.length - 1) / 2
  const x = point.subarray(1, half + 1).toString('base64url')
  const y = point.subarray(half + 1).toString('base64url')
  try {
    createPublicKey({ key: { kty: 'EC', crv, x, y }, format: 'jwk' })
    return true
  } catch {
    return false
  }
}
