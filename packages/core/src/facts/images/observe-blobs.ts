// What the store here holds of some images: believed by name and size, or hashed again for the one that asks.
import type { Digest } from '../../manifest/manifest.ts'
import type { BlobKey, Recipe, World } from '../../ports/world.ts'
import type { ImageFacts, VerifiedBlob } from '../facts.ts'
import { madeKey, type Source } from './blob-keys.ts'
import { recallMade } from './made-facts.ts'

const RECIPES: readonly Recipe[] = ['as-is', 'raw', 'qcow2']

/** The vendor's bytes, and what a recipe may have made of them. */
function keysOf(source: Source): readonly BlobKey[] {
  return [source.digest, ...RECIPES.map((recipe) => madeKey(source, recipe))]
}

/** Which blobs of these images are there. @throws ProvisionError `DISK` */
export async function findBlobs(
  images: readonly ImageFacts[],
  { store }: Pick<World, 'store'>,
): Promise<ReadonlySet<BlobKey>> {
  const found = await Promise.all(images.flatMap(keysOf).map((key) => store.find(key)))
  return new Set(found.flatMap((blob) => (blob ? [blob.key] : [])))
}

/**
 * Reads every blob of these images. A wrong one is dropped, and so is what a recipe made where nobody wrote down its
 * digest: it is made again.
 * @throws ProvisionError `DISK` `CANCELLED`
 */
export async function verifyBlobs(
  images: readonly ImageFacts[],
  world: Pick<World, 'store' | 'journal'>,
  signal?: AbortSignal,
): Promise<readonly VerifiedBlob[]> {
  // Two images may be the same bytes.
  const owners = new Map(images.flatMap((image) => keysOf(image).map((key) => [key, image.name] as const)))
  const present = await findBlobs(images, world)
  return Promise.all(
    [...present].map(async (key) => {
      const digest = key.includes('+') ? (await recallMade(key, world))?.digest : (key as Digest)
      const isWhole = await world.store.verify(key, { ...(digest && { digest }), ...(signal && { signal }) })
      const is = isWhole ? 'whole' : digest === undefined ? 'unknown' : 'wrong'
      return { image: owners.get(key) ?? key, key, is } as const
    }),
  )
}
