// Which bytes the images of a manifest are today, for the lock file.
import pMap from 'p-map'
import { ProvisionError } from '../errors.ts'
import type { LockedImage, LockFile } from '../manifest/lock-file.ts'
import type { Desired, Image } from '../manifest/manifest.ts'
import type { World } from '../ports/world.ts'
import { lookInside, resolveImage, withRecalled } from './observe-images.ts'

export interface PinOptions {
  readonly signal?: AbortSignal
  /** An earlier lock file: what has not moved keeps its entry, time and all. */
  readonly before?: LockFile
}

/**
 * Asks the vendors, not Proxmox.
 * @throws ProvisionError `CHECKSUM` `SIGNATURE` `HTTP` for the first image whose digest cannot be had
 */
export async function pinImages(
  desired: Desired,
  world: World,
  { signal, before }: PinOptions = {},
): Promise<LockFile> {
  const entries = await pMap(
    desired.images.values(),
    async (image) =>
      [image.name, await pinImage(image, world, { ...(signal && { signal }), ...(before && { before }) })] as const,
    { concurrency: 8, ...(signal && { signal }) },
  )
  return { images: Object.fromEntries(entries) }
}

async function pinImage(image: Image, world: World, { signal, before }: PinOptions): Promise<LockedImage> {
  const resolved = await withRecalled(await resolveImage(image, world, signal && { signal }), world)
  const old = before?.images[image.name]
  if (old?.digest === resolved.digest && old.url === image.url.href) return old
  const { digest, url, sizeBytes, format, virtualSizeBytes, signature } = await seen(resolved, world, signal)
  return {
    url: image.url.href,
    resolvedUrl: url.href,
    digest,
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(format !== undefined && { format }),
    ...(virtualSizeBytes !== undefined && { virtualSizeBytes }),
    signature,
    pinnedAt: new Date(world.clock.now()).toISOString(),
  }
}

/** Size and format are a convenience: a vendor that gives no first bytes can be pinned all the same. */
async function seen(...[image, world, signal]: Parameters<typeof lookInside>): ReturnType<typeof lookInside> {
  try {
    return await lookInside(image, world, signal)
  } catch (thrown) {
    if (thrown instanceof ProvisionError && thrown.code === 'HTTP') return image
    throw thrown
  }
}
