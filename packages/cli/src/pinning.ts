// The common part of `pin` and `apply --update-images`: gets the current digests of the images from the vendors.
import type { LockFile } from '@pve-provision/core'
import { lockChanges, pinImages } from '@pve-provision/core/advanced'
import { bytesText } from '@pve-provision/core/text'
import { type LockPlace, readLock } from './lock.ts'
import type { Surroundings } from './run.ts'
import { saySentence } from './text/output.ts'

export interface Pinned {
  readonly lock: LockFile
  /** What changed since the lock file was written, one sentence for each image. */
  readonly changes: readonly string[]
}

/**
 * Writes only to the store. An image without a checksum must be downloaded; because that takes time, it is announced.
 */
export async function pinToday({ desired, world, signal }: Surroundings, place: LockPlace): Promise<Pinned> {
  const before = readLock(place)
  const announced = new Set<string>()
  const lock = await pinImages(desired, world, {
    signal,
    ...(before && { before }),
    onBytes(image, _, total) {
      if (announced.has(image)) return
      announced.add(image)
      const size = total === undefined ? '' : ` (${bytesText(total)})`
      saySentence(`${image} has no checksum: it is downloaded${size} to measure what it is.`)
    },
  })
  return { lock, changes: lockChanges(before ?? { images: {} }, lock) }
}
