// Stores facts about a blob that a recipe made: its digest and the tool. The blob's key does not contain them.
import type { Digest } from '../../manifest/manifest.ts'
import type { BlobKey, World } from '../../ports/world.ts'

export interface MadeFacts {
  readonly digest: Digest
  /** `qemu-img 7.2.22`, if it was converted. */
  readonly tool?: string
}

/** Returns what was recorded when the blob was made, or undefined if there is nothing or it is malformed. */
export async function recallMade(key: BlobKey, { journal }: Pick<World, 'journal'>): Promise<MadeFacts | undefined> {
  const entry = await journal.recall(keyOf(key))
  return isMadeFacts(entry?.value) ? entry.value : undefined
}

export async function recordMade(key: BlobKey, made: MadeFacts, { journal }: Pick<World, 'journal'>): Promise<void> {
  await journal.record(keyOf(key), made)
}

function keyOf(key: BlobKey): string {
  return `made:${key}`
}

function isMadeFacts(value: unknown): value is MadeFacts {
  if (typeof value !== 'object' || value === null || !('digest' in value)) return false
  return typeof value.digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(value.digest)
}
