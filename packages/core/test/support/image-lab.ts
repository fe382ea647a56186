// A store, qemu-img and a simulated cluster, for steps that transfer images.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSimulator, type Simulator, type SimulatorOptions } from '../../../simulator/src/index.ts'
import type { StepContext } from '../../src/execute/step-context.ts'
import type { Digest } from '../../src/manifest/manifest.ts'
import type { StepResult } from '../../src/plan/step.ts'
import { systemClock } from '../../src/ports/clock.ts'
import { createExec } from '../../src/ports/exec.ts'
import { createQemuImg } from '../../src/ports/image/qemu-img.ts'
import { createJournal } from '../../src/ports/journal.ts'
import { createMeter } from '../../src/ports/meter.ts'
import { createPve } from '../../src/ports/pve/create-pve.ts'
import { createStore } from '../../src/ports/store/store.ts'
import type { Blob, World } from '../../src/ports/world.ts'

export interface ImageLab {
  readonly folder: string
  readonly world: World
  readonly progress: string[]
  path(name: string): string
  qemuImg(...args: readonly string[]): void
  /** Puts bytes into the store, like a download. */
  stored(bytes: Uint8Array): Promise<Omit<Blob, 'key'> & { readonly key: Digest }>
  /** Returns a context with these results of needed steps. */
  context(results?: Readonly<Record<string, StepResult>>, signal?: AbortSignal): StepContext
  [Symbol.asyncDispose](): Promise<void>
}

export interface ClusterLab extends ImageLab {
  readonly simulator: Simulator
  /** Returns where the simulated node stores `import` files. */
  importPath(name: string): string
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** The properties that all steps have. */
export const STEP = { action: 'run', why: '', needs: [], lanes: [] } as const

export async function imageLab(more: Partial<World> = {}): Promise<ImageLab> {
  const folder = await mkdtemp(join(tmpdir(), 'image-lab-'))
  const clock = systemClock
  const exec = createExec()
  const store = createStore({ directory: join(folder, 'cache'), clock })
  const journal = createJournal({ path: join(folder, 'journal', 'facts.jsonl'), clock })
  const world = {
    clock,
    exec,
    store,
    journal,
    meter: createMeter(),
    qemuImg: createQemuImg({ exec }),
    ...more,
  } as World
  const progress: string[] = []
  return {
    folder,
    world,
    progress,
    path: (name) => join(folder, name),
    qemuImg: (...args) => void execFileSync('qemu-img', args, { cwd: folder }),
    async stored(bytes) {
      const key = digestOf(bytes)
      return { ...(await store.ensure(key, (to) => writeFile(to, bytes))), key }
    },
    context: (results = {}, signal = new AbortController().signal) =>
      ({
        world,
        desired: { images: new Map() },
        facts: { images: new Map() },
        signal,
        result: (id: string) => results[id] ?? {},
        progress: ({ what = '' }: { what?: string }) => progress.push(what),
        note: () => undefined,
        warn: (sentence: string) => progress.push(sentence),
        onRetry: () => undefined,
      }) as unknown as StepContext,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function clusterLab(options: SimulatorOptions = {}): Promise<ClusterLab> {
  const simulator = await createSimulator({
    nodes: ['pve1'],
    storages: [{ id: 'local' }],
    latency: 'instant',
    ...options,
  })
  const { endpoint, fingerprint, tokenId, tokenSecret } = simulator
  const pve = createPve({
    endpoints: [new URL(endpoint)],
    credentials: { tokenId, tokenSecret },
    trust: { fingerprint },
    clock: systemClock,
    meter: createMeter(),
  })
  const lab = await imageLab({ pve })
  return {
    ...lab,
    simulator,
    importPath: (name) => join(simulator.dataDirectory, 'nodes/pve1/var/lib/vz/import', name),
    async [Symbol.asyncDispose]() {
      pve.close()
      await simulator.close()
      await lab[Symbol.asyncDispose]()
    },
  }
}
