// Parameters of a call as Proxmox reads them: form encoding, booleans as 1 and 0.
import { ProvisionError } from '../../../errors.ts'

export type Parameters = Readonly<Record<string, unknown>>

/**
 * `application/x-www-form-urlencoded` text. `undefined` and `null` are left out; arrays repeat their key, which Proxmox
 * takes for array parameters only (lists such as `delete` are one text with commas, made by the caller).
 * Proxmox refuses `true`, `yes` and `on`: booleans are `1` and `0`.
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
  throw new ProvisionError('UNEXPECTED', `The parameter ${key} has a value that no form can hold.`)
}

const secretKeys = /^(?:cipassword|password|otp|tfa-challenge)$/

/** The values that must not be repeated in a message: Proxmox quotes what it refuses. */
export function secretValues(parameters: Parameters = {}): readonly string[] {
  return Object.entries(parameters).flatMap(([key, value]) =>
    secretKeys.test(key) && typeof value === 'string' ? [value] : [],
  )
}

/** Addresses without what may be secret in them: user, password, and a query, which signs the links of object stores. */
export function redactUrls(text: string): string {
  // One run over each word: a pattern that looked for a `?` from every `http://` would take a long word's length squared.
  return text.replace(/\bhttps?:\/\/[^\s'"]*/gi, (word) => {
    const [address = '', ...query] = word.replace(/(https?:\/\/)[^/@]*@/gi, '$1***@').split('?')
    return query.length === 0 ? address : `${address}?***`
  })
}
