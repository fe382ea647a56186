// Frees disk space on runners that keep images between jobs: removes what no run has used for a long time.
import type { Store } from '@pve-provision/core/advanced'
import { bytesText, countText } from '@pve-provision/core/text'

const UNUSED_MS = 30 * 24 * 3_600_000

/**
 * Removes old blobs. Resolves with a sentence for the summary if there were any. A disk error does not fail the run.
 */
export async function sweepStore(store: Store, nowMs: number): Promise<string | undefined> {
  try {
    const old = (await store.list()).filter(({ usedAtMs }) => nowMs - usedAtMs > UNUSED_MS)
    for (const { key } of old) await store.remove(key)
    if (old.length === 0) return undefined
    const bytes = old.reduce((sum, blob) => sum + blob.bytes, 0)
    return `Removed ${countText(old.length, 'image')} (${bytesText(bytes)}) from the runner’s image store: unused for 30 days.`
  } catch {
    return undefined
  }
}
