// Derives the facts of an image that is built from those of its base image.
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { ImageFacts } from '../../facts/facts.ts'
import type { BuiltImage } from '../../manifest/manifest.ts'
import { recipeHash } from './recipe.ts'

/** Returns the facts. There is no address, and the size is the recipe's or that of the base image. */
export function builtFacts(image: BuiltImage, base: ImageFacts, project: string): ImageFacts {
  const { name, build } = image
  const virtualSizeBytes = build.diskBytes ?? base.virtualSizeBytes
  return {
    name,
    digest: `sha256:${bytesToHex(sha256(utf8ToBytes(`${base.digest} ${recipeHash(image, project)}`)))}`,
    digestFrom: 'none',
    url: new URL(`build:${encodeURIComponent(name)}`),
    signature: base.signature,
    compression: 'none',
    ...(virtualSizeBytes !== undefined && { virtualSizeBytes }),
  }
}
