// Runs a command and says what it took, the processes it started included.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
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

/** Programs that a benchmark needs and this machine lacks. */
export function missingPrograms(programs: readonly string[]): readonly string[] {
  const folders = (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin')
  return programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))))
}

/** @throws Error when the command fails, with its last words */
export async function measure(
  command: readonly string[],
  { environment = {} }: { readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'pve-provision-measure-'))
  const record = join(folder, 'time')
  try {
    const startedMs = performance.now()
    const child = spawn(TIME, ['-f', '%U %S %M', '-o', record, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    })
    let output = ''
    let words = ''
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString()
    })
    child.stderr.on('data', (data: Buffer) => {
      words = (words + data.toString()).slice(-2000)
    })
    const [code] = (await once(child, 'close')) as [number | null]
    const wallSeconds = (performance.now() - startedMs) / 1000
    if (code !== 0) throw new Error(`${command.join(' ').slice(0, 200)} ended with ${code}: ${words}`)
    const [user = 0, system = 0, peakKiB = 0] = readFileSync(record, 'utf8').trim().split(' ').map(Number)
    return { wallSeconds, cpuSeconds: user + system, peakMiB: peakKiB / 1024, output }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export type Contestant = () => Promise<Measured>

/**
 * Runs the contestants turn by turn, so that what the machine does beside them hits all alike.
 * @returns what each run of each of them took
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
