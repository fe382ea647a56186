// Keeps facts and checksum documents between runs: restores them before the first request and saves new ones.
//
// Each run has them in its own folder. Between runs, they are sealed with the token's secret, both in the workflow's
// cache and on a self-hosted runner, because every job of every repository may write to the disk of such a runner.
import { createHash } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Inputs } from '../inputs/inputs.ts'
import { BUNDLE_LIMIT_BYTES, BUNDLE_SCHEMA, packBundle, type Seal, unpackBundle } from './facts-bundle.ts'
import { readRegular } from './read-regular.ts'
import type { CacheLog, WorkflowCache } from './workflow-cache.ts'

export interface FactsCacheSettings {
  readonly inputs: Inputs
  /** `owner/name`. Facts are not shared between repositories. */
  readonly repository: string
  readonly mayWrite: boolean
  /** Absent if the runner has no cache service. */
  readonly cache: WorkflowCache | undefined
  /** The folder of this job, where the run reads and writes facts. */
  readonly factsDirectory: string
  readonly temporaryDirectory: string
  readonly log: CacheLog
}

export interface FactsCache {
  /** Resolves with a sentence for the summary about what was restored. */
  restore(signal: AbortSignal): Promise<string>
  /** Saves the facts if they have changed. A failed run saves its facts too. */
  save(options?: { readonly timeoutMs?: number }): Promise<string | undefined>
}

export function createFactsCache(settings: FactsCacheSettings): FactsCache {
  const { inputs, cache, log, factsDirectory, temporaryDirectory } = settings
  const scope = scopeOf(settings)
  const seal: Seal = { secret: inputs.tokenSecret, scope }
  const prefix = `${inputs.cacheKeyPrefix}-facts-v${BUNDLE_SCHEMA}-${scope}-`
  const sealedFile = inputs.keepsStore ? join(inputs.cacheDirectory, 'facts', `${scope}.sealed`) : undefined
  let before: string | undefined

  const fromCache = async (signal: AbortSignal): Promise<string> => {
    if (cache === undefined) return 'This runner has no facts from an earlier run.'
    const entry = await cache.restore({ key: prefix, restoreKeys: [], timeoutMs: inputs.cacheTimeoutMs, signal })
    if (entry === 'trouble')
      return 'The workflow’s cache did not answer in time; facts are read again from the cluster.'
    if (entry === undefined) return 'The workflow’s cache has no facts from an earlier run.'
    before = await open(entry.path, factsDirectory, seal)
    await rm(dirname(entry.path), { recursive: true, force: true })
    if (before !== undefined) return 'Facts and checksum documents came from the workflow’s cache.'
    log.warning(
      `The cache entry ${entry.key} was not sealed by this token and was ignored; facts are read again from the cluster.`,
    )
    return 'An entry in the workflow’s cache was not created by pve-provision and was ignored.'
  }

  return {
    async restore(signal) {
      before = sealedFile && (await open(sealedFile, factsDirectory, seal))
      return before === undefined
        ? fromCache(signal)
        : 'This runner has facts and checksum documents from earlier jobs.'
    },
    async save({ timeoutMs = 2 * inputs.cacheTimeoutMs } = {}) {
      if (!settings.mayWrite) return undefined
      const bundle = await packBundle(factsDirectory, seal)
      if (bundle === undefined || bundle.contentHash === before) return undefined
      if (sealedFile !== undefined) {
        await keep(sealedFile, bundle.text)
        return 'The facts were saved on this runner, sealed with the token’s secret.'
      }
      const path = join(temporaryDirectory, 'facts')
      await writeFile(path, bundle.text, { mode: 0o600 })
      const saved = await cache?.save(path, { key: `${prefix}${bundle.contentHash}`, timeoutMs })
      return saved ? 'The facts were saved to the workflow’s cache.' : undefined
    },
  }
}

async function keep(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const aside = `${path}.${process.pid}`
  // A link with this name must not be followed.
  await rm(aside, { force: true })
  await writeFile(aside, text, { mode: 0o600, flag: 'wx' })
  await rename(aside, path)
}

async function open(path: string, directory: string, seal: Seal): Promise<string | undefined> {
  try {
    const sealed = await readRegular(path, BUNDLE_LIMIT_BYTES)
    return sealed && (await unpackBundle(sealed.toString(), directory, seal))
  } catch {
    return undefined
  }
}

/** Identifies one cluster, one token and one repository. It is a hash, because everyone can read cache keys. */
function scopeOf({ inputs: { endpoints, tokenId }, repository }: FactsCacheSettings): string {
  const names = endpoints.map(({ origin }) => origin).toSorted()
  return createHash('sha256')
    .update([...names, tokenId, repository].join('\n'))
    .digest('hex')
    .slice(0, 16)
}
