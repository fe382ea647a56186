// An image's digest, from manifest, lock file or the vendor's document, and what its first bytes say.

import type { LockFile } from '../manifest/lock-file.ts'
import type { Image } from '../manifest/manifest.ts'
import { sniff } from '../ports/image/sniff.ts'
import type { World } from '../ports/world.ts'
import { findChecksum } from './checksum-document.ts'
import { recallDigestFacts } from './digest-facts.ts'
import type { ImageFacts } from './facts.ts'

export interface ResolveOptions {
  readonly lock?: LockFile
  readonly signal?: AbortSignal
}

/**
 * The digest of an image and the address it belongs to.
 * @throws ProvisionError `CHECKSUM` `SIGNATURE` `HTTP`
 */
export async function resolveImage(image: Image, world: World, { signal }: ResolveOptions = {}): Promise<ImageFacts> {
  if (typeof image.checksum === 'string') {
    return {
      name: image.name,
      digest: image.checksum,
      digestFrom: 'manifest',
      url: image.url,
      signature: 'not asked for',
    }
  }
  const document = await world.http.getDocument(image.checksum, signal && { signal })
  const found = findChecksum(document.bytes, {
    fileName: fileNameOf(image.url),
    documentName: fileNameOf(image.checksum),
  })
  return {
    name: image.name,
    digest: found.digest,
    digestFrom: 'document',
    url: image.url,
    signature: 'not asked for',
    ...(found.sizeBytes !== undefined && { sizeBytes: found.sizeBytes }),
  }
}

/** The last segment of an address, decoded. */
export function fileNameOf(url: URL): string {
  return decodeURIComponent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1))
}

/** Adds what is known for ever about the digest; contacts nobody. */
export async function withRecalled(image: ImageFacts, world: World): Promise<ImageFacts> {
  const known = await recallDigestFacts(image.digest, world)
  if (known !== undefined) world.meter.add('cacheHits', 1)
  return known === undefined ? image : { ...known, ...image }
}

/** Adds what the first bytes tell, by one ranged request, unless it is known already. */
export async function lookInside(image: ImageFacts, world: World, signal?: AbortSignal): Promise<ImageFacts> {
  if (image.compression !== undefined) return image
  const peek = await world.http.peek(image.url, signal && { signal })
  return { ...image, ...sniff(peek.head), ...(peek.sizeBytes !== undefined && { sizeBytes: peek.sizeBytes }) }
}
