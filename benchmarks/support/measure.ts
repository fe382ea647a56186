// Runs a command and measures its resources, including those of its child processes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'

export interface Measured {
  readonly wallSeconds: number
  /** User and system time of the whole process tree. */
  readonly cpuSeconds: number
  /** The largest single process. */
  readonly peakMiB: number
  readonly output: string
}

const TIME = '/usr/bin/time'

export interface Conditions {
  readonly environment?: Readonly<Record<string, string>>
  /** Ends the command and all processes that it started. */
  readonly signal?: AbortSignal
}

/** @throws Error with the last output, if the command fails or is ended */
export async function measure(
  command: readonly string[],
  { environment = {}, signal }: Conditions = {},
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'pve-provision-measure-'))
  const record = join(folder, 'time')
  try {
    const startedMs = performance.now()
    const { code, output, words } = await run([TIME, '-f', '%U %S %M', '-o', record, ...command], environment, signal)
    const wallSeconds = (performance.now() - startedMs) / 1000
    if (signal?.aborted) throw new Error(`${nameOf(command)} was ended: ${signal.reason}: ${words}`)
    if (code !== 0) throw new Error(`${nameOf(command)} ended with ${code}: ${words}`)
    const [user = 0, system = 0, peakKiB = 0] = readFileSync(record, 'utf8').trim().split(' ').map(Number)
    return { wallSeconds, cpuSeconds: user + system, peakMiB: peakKiB / 1024, output }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs in a separate process group, so that all of it can be ended. */
async function run(
  [program = '', ...parts]: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal?: AbortSignal,
) {
  const child = spawn(program, parts, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    detached: true,
  })
  let output = ''
  let words = ''
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString()
  })
  child.stderr.on('data', (data: Buffer) => {
    words = (words + data.toString()).slice(-2000)
  })
  const end = () => endGroup(child)
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted) end()
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, output, words: `${words}${code === 0 ? '' : output.slice(-2000)}`.trim() }
  } finally {
    signal?.removeEventListener('abort', end)
  }
}

const PATIENCE_MS = 5000

/** Asks first, because some programs have jobs elsewhere that only they can end. */
function endGroup({ pid = 0 }: ChildProcess): void {
  const tell = (name: NodeJS.Signals) => {
    try {
      process.kill(-pid, name)
    } catch {
      // It has ended meanwhile.
    }
  }
  tell('SIGTERM')
  setTimeout(() => tell('SIGKILL'), PATIENCE_MS).unref()
}

function nameOf(command: readonly string[]): string {
  return command.join(' ').slice(0, 200)
}

export type Contestant = () => Promise<Measured>

/**
 * Runs the contestants alternately, so that other load on the computer affects all of them equally.
 * @returns the measurement of each run of each contestant
 */
export async function interleave<Name extends string>(
  contestants: Readonly<Record<Name, Contestant>>,
  { runs, before }: { readonly runs: number; readonly before: () => void },
): Promise<Record<Name, readonly Measured[]>> {
  const names = Object.keys(contestants) as Name[]
  const results = Object.fromEntries(names.map((name) => [name, [] as Measured[]])) as Record<Name, Measured[]>
  for (let run = 0; run < runs; run += 1) {
    for (const name of names) {
      before()
      const measured = await contestants[name]()
      results[name].push(measured)
      const { wallSeconds, cpuSeconds, peakMiB } = measured
      console.error(`  ${name}: ${wallSeconds.toFixed(2)} s, cpu ${cpuSeconds.toFixed(2)} s, ${peakMiB.toFixed(0)} MiB`)
    }
  }
  return results
}
