// Finds an image's digest in the manifest, the lock file or the vendor's document.
import { ProvisionError } from '../../errors.ts'
import type { LockedImage, LockFile } from '../../manifest/lock-file.ts'
import type { AddressImage } from '../../manifest/manifest.ts'
import { withoutSecrets, withSecretsOf } from '../../manifest/secret-address.ts'
import { shownUrl } from '../../ports/http/failure.ts'
import type { World } from '../../ports/world.ts'
import type { ImageFacts } from '../facts.ts'
import { recallDigestFacts } from './digest-facts.ts'

export interface ResolveOptions {
  readonly lock?: LockFile | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Returns the digest of an image and its address: from the lock file, else from the manifest, else from the vendor's
 * checksum document. Without any of them, the image is refused.
 * @throws ProvisionError `CHECKSUM` `SIGNATURE` `HTTP`; `MANIFEST` if the lock file pins another address
 */
export async function resolveImage(
  image: AddressImage,
  world: World,
  { lock, signal }: ResolveOptions = {},
): Promise<ImageFacts> {
  const locked = lock?.images[image.name]
  if (locked !== undefined) return fromLock(image, locked)
  if (typeof image.checksum === 'string') {
    return {
      name: image.name,
      digest: image.checksum,
      digestFrom: 'manifest',
      url: image.url,
      signature: 'not asked for',
    }
  }
  if (image.checksum === undefined) throw unknownDigest(image)
  const { fromDocument } = await import('./document-image.ts')
  return fromDocument(image, image.checksum, { world, ...(signal && { signal }) })
}

function fromLock(image: AddressImage, locked: LockedImage): ImageFacts {
  const pinned = typeof image.checksum === 'string' ? image.checksum : locked.digest
  if (locked.url !== withoutSecrets(image.url, image.secrets) || pinned !== locked.digest) {
    throw new ProvisionError('MANIFEST', `The lock file pins ${image.name} to another digest than the manifest.`, {
      hint: 'Run `pve-provision pin`, or apply with --update-images.',
      details: { locked: locked.digest, url: locked.url },
    })
  }
  const { digest, resolvedUrl, sizeBytes, signature, measured } = locked
  return {
    name: image.name,
    digest,
    digestFrom: measured ? 'first use' : 'lock',
    url: withSecretsOf(resolvedUrl, image.url, image.secrets),
    signature,
    ...(sizeBytes !== undefined && { sizeBytes }),
  }
}

function unknownDigest({ name, url }: AddressImage): ProvisionError {
  return new ProvisionError('CHECKSUM', `The image ${name} has no \`checksum\`, so its content cannot be verified.`, {
    hint: "Set the vendor's checksum document or a digest. If there is none, `pve-provision pin` downloads the image once and writes its digest to the lock file.",
    details: { url: shownUrl(url) },
  })
}

/** Adds the recorded facts about the digest. Makes no requests. */
export async function withRecalled(image: ImageFacts, world: World): Promise<ImageFacts> {
  const known = await recallDigestFacts(image.digest, world)
  if (known !== undefined) world.meter.add('cacheHits', 1)
  return known === undefined ? image : { ...known, ...image }
}
