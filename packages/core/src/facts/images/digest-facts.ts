// Stores facts about a digest in the journal, once its bytes were verified here or by Proxmox. They never expire.
import type { Digest } from '../../manifest/manifest.ts'
import type { World } from '../../ports/world.ts'
import type { ImageFacts } from '../facts.ts'

export type DigestFacts = Pick<
  ImageFacts,
  'compression' | 'archive' | 'doubt' | 'format' | 'virtualSizeBytes' | 'sizeBytes'
>

/** Returns the recorded facts about these bytes, or undefined if there are none or they are malformed. */
export async function recallDigestFacts(
  digest: Digest,
  { journal }: Pick<World, 'journal'>,
): Promise<DigestFacts | undefined> {
  const entry = await journal.recall(keyOf(digest))
  return entry !== undefined && isDigestFacts(entry.value) ? entry.value : undefined
}

/** Call this for verified bytes only. Otherwise the facts could describe other bytes. */
export async function recordDigestFacts(
  { digest, ...facts }: ImageFacts,
  { journal }: Pick<World, 'journal'>,
): Promise<void> {
  const { compression, archive, doubt, format, virtualSizeBytes, sizeBytes } = facts
  if (compression === undefined) return
  await journal.record(keyOf(digest), {
    compression,
    ...(archive !== undefined && { archive }),
    ...(doubt !== undefined && { doubt }),
    ...(format !== undefined && { format }),
    ...(virtualSizeBytes !== undefined && { virtualSizeBytes }),
    ...(sizeBytes !== undefined && { sizeBytes }),
  })
}

function keyOf(digest: Digest): string {
  return `image:${digest}`
}

const COMPRESSIONS = ['none', 'xz', 'zstd', 'gzip', 'bzip2']
const ARCHIVES = [undefined, 'tar', 'zip']
const FORMATS = [undefined, 'qcow2', 'raw', 'vmdk', 'vdi', 'vhdx', 'vpc']

/** The journal is not trusted, so check the shape of the value. */
function isDigestFacts(value: unknown): value is DigestFacts {
  if (typeof value !== 'object' || value === null) return false
  const { compression, archive, doubt, format, virtualSizeBytes, sizeBytes } = value as Record<string, unknown>
  const sizes = [virtualSizeBytes, sizeBytes].every(
    (size) => size === undefined || (Number.isSafeInteger(size) && Number(size) >= 0),
  )
  const isKnown = ARCHIVES.includes(archive as never) && ['undefined', 'string'].includes(typeof doubt)
  return COMPRESSIONS.includes(String(compression)) && FORMATS.includes(format as never) && isKnown && sizes
}

/**
 * Reads format and size of a verified file. @throws ProvisionError `IMAGE` if it is not an image or is truncated;
 * `DISK`
 */
export async function sniffFile(path: string): Promise<DigestFacts> {
  const { lookAtImage } = await import('../../codecs/image/look-at-image.ts')
  return lookAtImage(path)
}
