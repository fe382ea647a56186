// Facts and checksum documents between runs: restored before the first question, saved when something was learnt.
import { createHash } from 'node:crypto'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Inputs } from '../inputs.ts'
import { BUNDLE_LIMIT_BYTES, BUNDLE_SCHEMA, packBundle, type Seal, unpackBundle } from './facts-bundle.ts'
import type { CacheLog, WorkflowCache } from './workflow-cache.ts'

/** What the cache would save is less than a second or two: it is not waited for much longer. */
const RESTORE_TIMEOUT_MS = 5_000
const SAVE_TIMEOUT_MS = 10_000

export interface FactsCacheSettings {
  readonly inputs: Inputs
  readonly mayWrite: boolean
  readonly cache: WorkflowCache
  readonly temporaryDirectory: string
  readonly log: CacheLog
}

export interface FactsCache {
  /** What was restored, as a sentence for the summary. */
  restore(signal: AbortSignal): Promise<string>
  /** Saves what is there now unless it is what was there before. What a failed run learnt counts too. */
  save(options?: { readonly timeoutMs?: number }): Promise<string | undefined>
}

export function createFactsCache(settings: FactsCacheSettings): FactsCache {
  const { inputs, cache, log, temporaryDirectory } = settings
  const scope = scopeOf(inputs)
  const seal: Seal = { secret: inputs.tokenSecret, scope }
  const prefix = `${inputs.cacheKeyPrefix}-facts-v${BUNDLE_SCHEMA}-${scope}-`
  let before: string | undefined

  return {
    async restore(signal) {
      const own = await packBundle(inputs.cacheDirectory, seal)
      before = own?.contentHash
      if (own) return 'Facts and checksum documents of earlier jobs are on this runner.'
      const entry = await cache.restore({ key: prefix, restoreKeys: [], timeoutMs: RESTORE_TIMEOUT_MS, signal })
      if (entry === undefined) return 'No facts of an earlier run were in the workflow’s cache.'
      before = await open(entry.path, inputs.cacheDirectory, seal)
      if (before !== undefined) return 'Facts and checksum documents came from the workflow’s cache.'
      log.warning(`The cache entry ${entry.key} was not sealed by this token and was ignored; facts are asked anew.`)
      return 'An entry of the workflow’s cache was not ours and was ignored.'
    },
    async save({ timeoutMs = SAVE_TIMEOUT_MS } = {}) {
      if (!settings.mayWrite) return undefined
      const bundle = await packBundle(inputs.cacheDirectory, seal)
      if (bundle === undefined || bundle.contentHash === before) return undefined
      const path = join(temporaryDirectory, 'facts')
      await writeFile(path, bundle.text, { mode: 0o600 })
      const saved = await cache.save(path, { key: `${prefix}${bundle.contentHash}`, timeoutMs })
      return saved ? 'What was learnt was saved to the workflow’s cache.' : undefined
    },
  }
}

async function open(path: string, directory: string, seal: Seal): Promise<string | undefined> {
  try {
    const { size } = await stat(path)
    return size > BUNDLE_LIMIT_BYTES ? undefined : await unpackBundle(await readFile(path, 'utf8'), directory, seal)
  } catch {
    return undefined
  } finally {
    await rm(dirname(path), { recursive: true, force: true })
  }
}

/** One cluster as one token sees it. A hash, because keys of the cache are for everybody to read. */
function scopeOf({ endpoints, tokenId }: Inputs): string {
  const names = endpoints.map(({ origin }) => origin).toSorted()
  return createHash('sha256')
    .update([...names, tokenId].join('\n'))
    .digest('hex')
    .slice(0, 16)
}
