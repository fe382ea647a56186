// Runs the program with a simulated cluster in this process, which sees each request as it arrives.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSimulator, type Simulator } from '@pve-provision/simulator'

const CLI = join(process.cwd(), 'packages/cli/dist/main.js')
/** Tasks outlive the requests that start them, so that a killed run leaves some behind. */
const LATENCY = { createMs: 80, cloneMs: 80, templateMs: 40, startMs: 40, destroyMs: 40, otherTaskMs: 40, statusMs: 0 }

export interface Ended {
  readonly code: number | 'killed'
  readonly output: string
  /** The end of its output. */
  readonly words: string
}

export interface Lab {
  readonly simulator: Simulator
  /** Replaces the manifest. */
  write(manifest: string): void
  /** Runs the program. It is killed when its n-th request arrives. */
  run(words: readonly string[], options?: { readonly dieAt?: number; readonly cache?: string }): Promise<Ended>
  close(): Promise<void>
}

/** A cluster with two nodes, and a folder with this manifest. */
export async function openLab(folder: string, manifest: string): Promise<Lab> {
  mkdirSync(folder, { recursive: true })
  const write = (text: string) => writeFileSync(join(folder, 'pve-provision.yaml'), text)
  write(manifest)
  let onRequest: () => void = () => undefined
  const simulator = await createSimulator({
    nodes: ['pve1', 'pve2'],
    storages: [{ id: 'local' }, { id: 'fast' }],
    latency: LATENCY,
    onRequest: () => onRequest(),
  })
  return {
    simulator,
    write,
    close: () => simulator.close(),
    async run(words, { dieAt, cache = 'cache' } = {}) {
      const child = start(words, { folder, simulator, cache })
      let requests = 0
      if (dieAt !== undefined)
        onRequest = () => {
          requests += 1
          if (requests === dieAt) child.kill('SIGKILL')
        }
      const ended = await endOf(child)
      onRequest = () => undefined
      return ended
    },
  }
}

interface Place {
  readonly folder: string
  readonly simulator: Simulator
  readonly cache: string
}

function start(words: readonly string[], { folder, simulator, cache }: Place): ChildProcess {
  return spawn(process.execPath, [CLI, ...words, '--no-color'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      PVE_ENDPOINT: simulator.endpoint,
      PVE_FINGERPRINT: simulator.fingerprint,
      PVE_TOKEN_ID: simulator.tokenId,
      PVE_TOKEN_SECRET: simulator.tokenSecret,
      PVE_PROVISION_CACHE: join(folder, cache),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function endOf(child: ChildProcess): Promise<Ended> {
  let output = ''
  let words = ''
  child.stdout?.on('data', (data: Buffer) => {
    output += data.toString()
  })
  child.stderr?.on('data', (data: Buffer) => {
    words = (words + data.toString()).slice(-2000)
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code: signal === 'SIGKILL' ? 'killed' : (code ?? 1), output, words }
}
