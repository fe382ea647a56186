// What is known of a blob that a recipe made: its own digest, and the tool. The key cannot tell, the journal can.
import type { Digest } from '../../manifest/manifest.ts'
import type { BlobKey, World } from '../../ports/world.ts'

export interface MadeFacts {
  readonly digest: Digest
  /** `qemu-img 7.2.22`, where one converted. */
  readonly tool?: string
}

/** What was recorded when the blob was made; nothing when that cannot be believed. */
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
