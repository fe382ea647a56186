// Examines the first bytes of an image on the server of its vendor.
import { wrongLength } from '../../codecs/image/look-at-image.ts'
import { examine, HEAD_BYTES, refuseByName, sniff } from '../../codecs/image/sniff.ts'
import { ProvisionError } from '../../errors.ts'
import type { AddressImage } from '../../manifest/manifest.ts'
import type { World } from '../../ports/world.ts'
import type { ImageFacts } from '../facts.ts'
import { addressesOf, fileNameOf } from './image-addresses.ts'

/**
 * Adds what the first bytes show, with one range request to the first address that answers, unless it is already known.
 */
export async function lookInside(
  facts: ImageFacts,
  image: Pick<AddressImage, 'url' | 'mirrors'>,
  { world, signal }: { readonly world: World; readonly signal?: AbortSignal | undefined },
): Promise<ImageFacts> {
  if (facts.compression !== undefined) return withNamedArchive(facts)
  const errors: unknown[] = []
  for (const url of addressesOf(image, facts)) {
    try {
      const { head, sizeBytes } = await world.http.peek(url, { bytes: HEAD_BYTES, ...(signal && { signal }) })
      const wrong = sizeBytes === undefined ? undefined : wrongLength(examine(head), sizeBytes)
      if (wrong !== undefined) throw wrong
      return withNamedArchive({ ...facts, ...sniff(head), ...(sizeBytes !== undefined && { sizeBytes }) })
    } catch (thrown) {
      if (!isOfOneServer(thrown)) throw thrown
      errors.push(thrown)
    }
  }
  throw errors[0]
}

/**
 * While the bytes are compressed, only the file name shows that they contain an archive, or what is no image.
 * @throws ProvisionError `IMAGE`
 */
function withNamedArchive(facts: ImageFacts): ImageFacts {
  const { compression, archive, url } = facts
  if (compression !== 'none') refuseByName(fileNameOf(url))
  const isNamed = /\.(?:tar(?:\.\w+)?|tgz|txz|tzst|tbz2?|ova)$/i.test(fileNameOf(url))
  return compression !== 'none' && archive === undefined && isNamed ? { ...facts, archive: 'tar' } : facts
}

/** Returns true if the failure concerns one server, so that another one may succeed. */
function isOfOneServer(thrown: unknown): boolean {
  return thrown instanceof ProvisionError && (thrown.code === 'HTTP' || thrown.code === 'IMAGE')
}
