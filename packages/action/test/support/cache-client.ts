// The cache service as a test sees it: started as a process of its own, told what to do wrong, asked what it holds.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Fault, StoredEntry } from './cache-service.ts'

export interface CacheServiceState {
  readonly entries: readonly StoredEntry[]
  /** Since the last time it was asked: `POST GetCacheEntryDownloadURL`. */
  readonly calls: readonly string[]
}

export interface RunningCacheService {
  readonly url: string
  /** From now on. */
  fault(fault: Fault): Promise<void>
  /** Hands out this archive whatever is asked for; nothing: no longer. */
  plant(path?: string): Promise<void>
  state(): Promise<CacheServiceState>
  stop(): Promise<void>
}

export async function startCacheService(directory: string): Promise<RunningCacheService> {
  const program = fileURLToPath(new URL('cache-service.ts', import.meta.url))
  const child = spawn(process.execPath, [program, directory], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { url } = JSON.parse(line) as { url: string }
  const control = async (order: object): Promise<CacheServiceState> => {
    const response = await fetch(new URL('control', url), { method: 'POST', body: JSON.stringify(order) })
    return (await response.json()) as CacheServiceState
  }
  return {
    url,
    fault: async (fault) => void (await control({ fault })),
    plant: async (path) => void (await control({ plant: path ?? null })),
    state: () => control({}),
    async stop() {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}
