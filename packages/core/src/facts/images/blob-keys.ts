// Computes the store keys of an image's bytes and of what a recipe made from them.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Digest } from '../../manifest/manifest.ts'
import type { BlobKey, Recipe } from '../../ports/world.ts'

/** What determines the bytes of an image: the published bytes and, for an archive, the name of the member. */
export interface Source {
  readonly digest: Digest
  readonly member?: string | undefined
}

/** `sha256:…+raw`, and for a named member of an archive `sha256:…+raw.0123456789abcdef`. */
export function madeKey({ digest, member }: Source, recipe: Recipe): BlobKey {
  return `${digest}+${recipe}${member === undefined ? '' : `.${hash16(member)}`}`
}

/** Returns the first 16 hex digits of SHA-256 over source and recipe. Names and markers in Proxmox contain them. */
export function baseOf({ digest, member }: Source, recipe: Recipe): string {
  return hash16(member === undefined ? `${digest} ${recipe}` : `${digest} ${recipe} ${member}`)
}

/** Returns the first 16 hex digits of the SHA-256 of a text. */
export function hash16(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 16)
}
