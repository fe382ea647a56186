// What `pin` and `apply --update-images` share: the vendors are asked what the images are today.
import type { LockFile } from '@pve-provision/core'
import { lockChanges, pinImages } from '@pve-provision/core/advanced'
import { bytesText } from '@pve-provision/core/text'
import { type LockPlace, readLock } from './lock.ts'
import type { Surroundings } from './run.ts'
import { saySentence } from './text/output.ts'

export interface Pinned {
  readonly lock: LockFile
  /** What moved since the lock file was written, a sentence an image. */
  readonly changes: readonly string[]
}

/** Writes nothing but the store: an image without a checksum is downloaded, and says so, for it takes its time. */
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
