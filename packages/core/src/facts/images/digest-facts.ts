// What is true of a digest for ever, kept in the journal once its bytes were verified here or by Proxmox.
import { open } from 'node:fs/promises'
import { HEAD_BYTES, sniff } from '../../codecs/image/sniff.ts'
import type { Digest } from '../../manifest/manifest.ts'
import type { World } from '../../ports/world.ts'
import type { ImageFacts } from '../facts.ts'

export type DigestFacts = Pick<ImageFacts, 'compression' | 'format' | 'virtualSizeBytes' | 'sizeBytes'>

/** Facts recorded about these bytes; nothing when there are none that can be believed. */
export async function recallDigestFacts(
  digest: Digest,
  { journal }: Pick<World, 'journal'>,
): Promise<DigestFacts | undefined> {
  const entry = await journal.recall(keyOf(digest))
  return entry !== undefined && isDigestFacts(entry.value) ? entry.value : undefined
}

/** To be called for verified bytes only: a fact about bytes that were never checked could be anybody's. */
export async function recordDigestFacts(
  { digest, ...facts }: ImageFacts,
  { journal }: Pick<World, 'journal'>,
): Promise<void> {
  const { compression, format, virtualSizeBytes, sizeBytes } = facts
  if (compression === undefined) return
  await journal.record(keyOf(digest), {
    compression,
    ...(format !== undefined && { format }),
    ...(virtualSizeBytes !== undefined && { virtualSizeBytes }),
    ...(sizeBytes !== undefined && { sizeBytes }),
  })
}

function keyOf(digest: Digest): string {
  return `image:${digest}`
}

const COMPRESSIONS = ['none', 'xz', 'zstd', 'gzip', 'bzip2']
const FORMATS = [undefined, 'qcow2', 'raw', 'vmdk', 'vdi', 'vhdx', 'vpc']

/** The journal may come from anywhere: only what has the right shape is believed. */
function isDigestFacts(value: unknown): value is DigestFacts {
  if (typeof value !== 'object' || value === null) return false
  const { compression, format, virtualSizeBytes, sizeBytes } = value as Record<string, unknown>
  const sizes = [virtualSizeBytes, sizeBytes].every(
    (size) => size === undefined || (Number.isSafeInteger(size) && Number(size) >= 0),
  )
  return COMPRESSIONS.includes(String(compression)) && FORMATS.includes(format as never) && sizes
}

/** What the first bytes of a verified file say of it, with its size. @throws ProvisionError `IMAGE` when it is none */
export async function sniffFile(path: string): Promise<DigestFacts> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return { ...sniff(buffer.subarray(0, bytesRead)), sizeBytes: (await file.stat()).size }
  } finally {
    await file.close()
  }
}
