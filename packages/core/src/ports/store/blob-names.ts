// File names of blobs. A name contains key and size, so that one rename publishes both.
import { ProvisionError } from '../../errors.ts'
import type { BlobKey } from '../world.ts'

export interface ParsedBlobName {
  readonly key: BlobKey
  readonly bytes: number
  readonly name: string
}

const KEY = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})(?:\+[a-z0-9][a-z0-9.-]{0,63})?$/

/**
 * Formats a key for a file name. @throws ProvisionError `UNEXPECTED` if it is malformed, because it becomes part of a
 * path
 */
export function keyName(key: BlobKey): string {
  if (!KEY.test(key)) throw new ProvisionError('UNEXPECTED', `Not a key of the store: ${key.slice(0, 200)}`)
  return key.replace(':', '-')
}

/** `sha256-1f…9c.12345`, `sha256-1f…9c+raw.1.12345` */
export function blobName(key: BlobKey, bytes: number): string {
  return `${keyName(key)}.${bytes}`
}

/** Returns undefined for any other file name. */
export function parseBlobName(name: string): ParsedBlobName | undefined {
  const [, algorithm, rest, bytes] = /^(sha256|sha512)-([^/]+)\.(\d{1,15})$/.exec(name) ?? []
  const key = `${algorithm}:${rest}`
  return isKey(key) ? { key, bytes: Number(bytes), name } : undefined
}

function isKey(text: string): text is BlobKey {
  return KEY.test(text)
}
