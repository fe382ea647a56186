// Vendor → storage through the memory of this computer, without its disk. For images that are stored as the vendor
// ships them.
import { listStorage } from '../../facts/cluster/list-storage.ts'
import { isWholeVolume, pushedName } from '../../plan/names.ts'
import { withDigestAdvice } from '../image/digest-advice.ts'
import type { StepRunner } from '../step-context.ts'
import { splitDigest } from './pull.ts'

/** The digest is verified on the way, and again by Proxmox before the volume gets its name. */
export const stream: StepRunner<'stream'> = async (step, context) => {
  const { world, signal, progress } = context
  const { image, at, stem, format, urls, digest, sizeBytes } = step
  // The facts may be outdated: a parallel run may have uploaded it. A pushed volume counts only if it has the right
  // size.
  const there = (await listStorage(at, world.pve)).find((volume) => isWholeVolume(stem, volume))
  if (there) return { volid: there.volid, kept: true }
  const file = {
    at,
    content: 'import',
    fileName: pushedName(stem, sizeBytes, format),
    sizeBytes,
    checksum: splitDigest(digest),
    open: () => world.http.stream({ urls, digest, expectedBytes: sizeBytes, signal }),
  } as const
  const onBytes = (done: number) => progress({ done, total: sizeBytes, unit: 'bytes', what: 'passing on' })
  const volid = await withDigestAdvice(image, context, () => world.pve.upload(file, { signal, onBytes }))
  return { volid }
}
