// Vendor → storage through this machine's memory, no disk touched. For images that are stored as the vendor ships them.
import { listStorage } from '../../facts/cluster/list-storage.ts'
import { isWholeVolume, pushedName } from '../../plan/names.ts'
import type { StepRunner } from '../step-context.ts'
import { splitDigest } from './pull.ts'

/** The digest is checked on the way, and once more by Proxmox before the volume gets its name. */
export const stream: StepRunner<'stream'> = async (step, { world, signal, progress }) => {
  const { at, stem, format, urls, digest, sizeBytes } = step
  // Facts age: a sibling run may have sent it meanwhile, and a pushed name counts only with its size.
  const there = (await listStorage(at, world.pve)).find((volume) => isWholeVolume(stem, volume))
  if (there) return { volid: there.volid, kept: true }
  const volid = await world.pve.upload(
    {
      at,
      content: 'import',
      fileName: pushedName(stem, sizeBytes, format),
      sizeBytes,
      checksum: splitDigest(digest),
      open: () => world.http.stream({ urls, digest, expectedBytes: sizeBytes, signal }),
    },
    { signal, onBytes: (done) => progress({ done, total: sizeBytes, unit: 'bytes', what: 'passing on' }) },
  )
  return { volid }
}
