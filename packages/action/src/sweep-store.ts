// Room on machines that keep images from job to job: what no run has used for long is removed.
import type { Store } from '@pve-provision/core/advanced'
import { bytesText, countText } from '@pve-provision/core/text'

const UNUSED_MS = 30 * 24 * 3_600_000

/** Removes old blobs. A sentence for the summary when there were some; trouble with the disk is not the run's. */
export async function sweepStore(store: Store, nowMs: number): Promise<string | undefined> {
  try {
    const old = (await store.list()).filter(({ usedAtMs }) => nowMs - usedAtMs > UNUSED_MS)
    for (const { key } of old) await store.remove(key)
    if (old.length === 0) return undefined
    const bytes = old.reduce((sum, blob) => sum + blob.bytes, 0)
    return `${countText(old.length, 'image')} (${bytesText(bytes)}) that no run had used for 30 days left the runner’s store.`
  } catch {
    return undefined
  }
}
