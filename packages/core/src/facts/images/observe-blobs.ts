// Checks which blobs of some images are in the local store: by name and size, or by hashing them again on request.
import type { Digest } from '../../manifest/manifest.ts'
import type { BlobKey, Recipe, World } from '../../ports/world.ts'
import type { ImageFacts, VerifiedBlob } from '../facts.ts'
import { madeKey, type Source } from './blob-keys.ts'
import { recallMade } from './made-facts.ts'

const RECIPES: readonly Recipe[] = ['as-is', 'raw', 'qcow2']

/** Returns the keys of the vendor's bytes and of what a recipe may have made from them. */
function keysOf(source: Source): readonly BlobKey[] {
  return [source.digest, ...RECIPES.map((recipe) => madeKey(source, recipe))]
}

/** Returns which blobs of these images are in the store. @throws ProvisionError `DISK` */
export async function findBlobs(
  images: readonly ImageFacts[],
  { store }: Pick<World, 'store'>,
): Promise<ReadonlySet<BlobKey>> {
  const found = await Promise.all(images.flatMap(keysOf).map((key) => store.find(key)))
  return new Set(found.flatMap((blob) => (blob ? [blob.key] : [])))
}

/**
 * Reads and hashes every blob of these images. Removes damaged blobs, and blobs that a recipe made and whose digest was
 * not recorded. They are made again.
 * @throws ProvisionError `DISK` `CANCELLED`
 */
export async function verifyBlobs(
  images: readonly ImageFacts[],
  world: Pick<World, 'store' | 'journal'>,
  signal?: AbortSignal,
): Promise<readonly VerifiedBlob[]> {
  // Two images may have the same bytes.
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
