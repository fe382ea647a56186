// Starts simulated clusters as separate programs, and reads which requests they got.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { extname, join } from 'node:path'
import type { SimulatorOptions } from '@pve-provision/simulator'
import { endProcess } from './end-process.ts'

export interface Cluster {
  readonly endpoint: string
  readonly fingerprint: string
  readonly tokenId: string
  readonly tokenSecret: string
  /** The environment variables of the programs. */
  readonly environment: Readonly<Record<string, string>>
  /** Returns the requests since the last `clear`, by `METHOD /template`. */
  counts(): Promise<Counts>
  clear(): Promise<void>
  stop(): Promise<void>
}

export interface Counts {
  readonly counts: Readonly<Record<string, number>>
  readonly total: number
}

type Ready = Pick<Cluster, 'endpoint' | 'fingerprint' | 'tokenId' | 'tokenSecret'>

// Some benchmarks are compiled before they run, others run from source.
const PROGRAM = join(import.meta.dirname, `cluster-process${extname(import.meta.filename)}`)

export async function startCluster(options: SimulatorOptions): Promise<Cluster> {
  const child = fork(PROGRAM)
  child.send(options)
  const ready = (await answerOf(child)) as Ready
  const ask = (what: string) => {
    child.send(what)
    return answerOf(child)
  }
  return {
    ...ready,
    environment: {
      PVE_ENDPOINT: ready.endpoint,
      PVE_FINGERPRINT: ready.fingerprint,
      PVE_TOKEN_ID: ready.tokenId,
      PVE_TOKEN_SECRET: ready.tokenSecret,
    },
    counts: async () => (await ask('counts')) as Counts,
    clear: async () => void (await ask('clear')),
    stop: () => endProcess(child),
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  // Remove the listener for the event that does not occur.
  const settled = new AbortController()
  const { signal } = settled
  try {
    const [answer] = (await Promise.race([once(child, 'message', { signal }), once(child, 'exit', { signal })])) as [
      unknown,
    ]
    if (typeof answer !== 'object') throw new Error('the simulated cluster ended')
    return answer
  } finally {
    settled.abort()
  }
}

/** Counts the requests that poll tasks. */
export function polls({ counts }: Counts): number {
  const entries = Object.entries(counts).filter(([call]) => /^GET .*\/tasks(\/|$)/.test(call))
  return entries.reduce((sum, [, count]) => sum + count, 0)
}
