// What the store calls the bytes of an image, and what a recipe made of them.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Digest } from '../../manifest/manifest.ts'
import type { BlobKey, Recipe } from '../../ports/world.ts'

/** What of an image decides on its bytes: those that were published, and where they are an archive, the named member. */
export interface Source {
  readonly digest: Digest
  readonly member?: string | undefined
}

/** `sha256:…+raw`, and for a named member of an archive `sha256:…+raw.0123456789abcdef`. */
export function madeKey({ digest, member }: Source, recipe: Recipe): BlobKey {
  return `${digest}+${recipe}${member === undefined ? '' : `.${hash16(member)}`}`
}

/** First 16 hex digits of SHA-256 over source and recipe: what names and markers in Proxmox carry. */
export function baseOf({ digest, member }: Source, recipe: Recipe): string {
  return hash16(member === undefined ? `${digest} ${recipe}` : `${digest} ${recipe} ${member}`)
}

/** First 16 hex digits of the SHA-256 of a text. */
export function hash16(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 16)
}
