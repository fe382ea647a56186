// Controls the cache service of a test: starts it as a separate process, injects faults, and reads its state.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Fault, StoredEntry } from './cache-service.ts'

export interface CacheServiceState {
  readonly entries: readonly StoredEntry[]
  /** Calls since the last query: `POST GetCacheEntryDownloadURL`. */
  readonly calls: readonly string[]
}

export interface RunningCacheService {
  readonly url: string
  /** Applies to all later requests. */
  fault(fault: Fault): Promise<void>
  /** Makes the service return this archive for every request. Without a path, stops that. */
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
