// Encodes call parameters for Proxmox: form encoding, with booleans as 1 and 0.
import { ProvisionError } from '../../../errors.ts'

export type Parameters = Readonly<Record<string, unknown>>

/**
 * Encodes as `application/x-www-form-urlencoded`. `undefined` and `null` are left out. Arrays repeat their key, which
 * Proxmox accepts for array parameters only; for lists such as `delete` the caller passes one text with commas.
 * Booleans become `1` and `0`, because Proxmox refuses `true`, `yes` and `on`.
 */
export function encodeParameters(parameters: Parameters = {}): string {
  const form = new URLSearchParams()
  for (const [key, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      const text = encodeValue(key, one)
      if (text !== undefined) form.append(key, text)
    }
  }
  return form.toString()
}

function encodeValue(key: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'string') return value
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return value.toString()
  throw new ProvisionError('UNEXPECTED', `The parameter ${key} has a value that cannot be sent.`)
}

const secretKeys = /^(?:cipassword|password|otp|tfa-challenge)$/

/** Returns the values that must be masked in messages. Proxmox quotes values that it refuses. */
export function secretValues(parameters: Parameters = {}): readonly string[] {
  return Object.entries(parameters).flatMap(([key, value]) =>
    secretKeys.test(key) && typeof value === 'string' ? [value] : [],
  )
}

/** Masks what may be secret in URLs: user, password, and the query, which signs links of object stores. */
export function redactUrls(text: string): string {
  // This scans each word once. A search for `?` from every `http://` would take quadratic time on a long word.
  return text.replace(/\bhttps?:\/\/[^\s'"]*/gi, (word) => {
    const [address = '', ...query] = word.replace(/(https?:\/\/)[^/@]*@/gi, '$1***@').split('?')
    return query.length === 0 ? address : `${address}?***`
  })
}
