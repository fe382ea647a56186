// Keeps verified images in the workflow's cache, only on request and within a size limit.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, link, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Plan, Report } from '@pve-provision/core'
import type { Store } from '@pve-provision/core/advanced'
import { bytesText, countText } from '@pve-provision/core/text'
import type { Inputs } from '../inputs/inputs.ts'
import type { RestoredEntry, WorkflowCache } from './workflow-cache.ts'

/** Part of the keys. Increase it when the layout changes. */
const SCHEMA = 1
const TIMEOUT_MS = 15 * 60_000

export interface ImageCacheSettings {
  readonly inputs: Inputs
  readonly cache: WorkflowCache | undefined
  readonly mayWrite: boolean
  readonly store: Store
  readonly temporaryDirectory: string
  readonly log: { warning(text: string): void; say(text: string): void }
}

export interface ImageCache {
  /** Puts images that the plan would download into the store. Resolves with sentences for the summary. */
  restore(plan: Plan, signal: AbortSignal): Promise<readonly string[]>
  /** Saves downloaded images within the size limit. Resolves with sentences for the summary. */
  save(report: Report): Promise<readonly string[]>
}

type Digest = `${'sha256' | 'sha512'}:${string}`

const NONE: ImageCache = { restore: async () => [], save: async () => [] }

export function createImageCache(settings: ImageCacheSettings): ImageCache {
  const { inputs, cache } = settings
  if (cache === undefined || inputs.imagesBudgetBytes === 0) return NONE
  const place: Place = { ...settings, cache }
  const restored = new Set<Digest>()
  let spentBytes = 0

  return {
    async restore(plan, signal) {
      for (const digest of downloadsIn(plan)) {
        const bytes = await restoreImage(digest, place, signal)
        if (bytes === undefined) continue
        restored.add(digest)
        spentBytes += bytes
      }
      if (restored.size === 0) return []
      return [`${countText(restored.size, 'image')} (${bytesText(spentBytes)}) came from the workflow’s cache.`]
    },
    async save(report) {
      if (!settings.mayWrite) return []
      const sentences: string[] = []
      for (const { step, status } of report.outcomes) {
        if (step.kind !== 'download' || status !== 'done' || restored.has(step.digest)) continue
        const blob = await place.store.find(step.digest)
        if (blob === undefined) continue
        if (spentBytes + blob.bytes > inputs.imagesBudgetBytes) {
          sentences.push(`${step.image} (${bytesText(blob.bytes)}) exceeds the budget for images in the cache.`)
          continue
        }
        spentBytes += blob.bytes
        if (await saveImage(step.digest, blob.path, place))
          sentences.push(`${step.image} was saved to the workflow’s cache.`)
      }
      return sentences
    },
  }
}

interface Place extends ImageCacheSettings {
  readonly cache: WorkflowCache
}

function downloadsIn({ steps }: Plan): ReadonlySet<Digest> {
  return new Set(steps.flatMap((step) => (step.kind === 'download' && step.action === 'run' ? [step.digest] : [])))
}

async function restoreImage(digest: Digest, place: Place, signal: AbortSignal): Promise<number | undefined> {
  const entry = await place.cache.restore({ key: keyOf(digest, place), timeoutMs: TIMEOUT_MS, signal })
  if (entry === undefined || entry === 'trouble') return undefined
  try {
    if ((await digestOf(entry.path, digest)) === digest) return await shelve(digest, entry, place)
    place.log.warning(`The cache entry ${entry.key} does not match its key and was ignored.`)
    return undefined
  } finally {
    await rm(dirname(entry.path), { recursive: true, force: true })
  }
}

async function shelve(digest: Digest, { path }: RestoredEntry, { store }: Place): Promise<number> {
  const { size } = await stat(path)
  await store.ensure(digest, (temporaryPath) => move(path, temporaryPath))
  return size
}

async function saveImage(digest: Digest, path: string, place: Place): Promise<boolean> {
  const own = join(place.temporaryDirectory, 'image')
  // A hard link avoids a copy on the same file system.
  await link(path, own).catch(() => copyFile(path, own))
  return place.cache.save(own, { key: keyOf(digest, place), timeoutMs: TIMEOUT_MS })
}

async function move(from: string, to: string): Promise<void> {
  await rename(from, to).catch(() => copyFile(from, to))
}

function keyOf(digest: Digest, { inputs }: Place): string {
  return `${inputs.cacheKeyPrefix}-image-v${SCHEMA}-${digest.replace(':', '-')}`
}

async function digestOf(path: string, like: Digest): Promise<string> {
  const [algorithm = 'sha256'] = like.split(':')
  const hash = createHash(algorithm)
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash)
  return `${algorithm}:${hash.digest('hex')}`
}
