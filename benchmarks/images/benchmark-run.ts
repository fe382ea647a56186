// What all parts of the benchmark share.

import type { BenchmarkImage } from '../support/make-images.ts'
import { type Measured, measure } from '../support/measure.ts'
import type { Vendor } from '../support/vendor-server.ts'

export interface BenchmarkRun {
  readonly images: readonly BenchmarkImage[]
  readonly vendor: Vendor
  /** A folder for downloads. `clear` empties it. */
  readonly work: string
  readonly runs: number
  readonly isQuick: boolean
  readonly fetchProgram: string
  clear(): void
}

export type How = 'store' | 'file' | 'find' | 'verify'

export interface Ours {
  readonly from: string
  readonly connections?: number
  readonly how?: How
  readonly images?: readonly BenchmarkImage[]
}

/** Runs our engine in a separate process. */
export function ours(
  bench: BenchmarkRun,
  { from, connections = 1, how = 'store', images = bench.images }: Ours,
): Promise<Measured> {
  const pairs = images.flatMap(({ name, sha256 }) => [`${from}/${name}`, sha256])
  return measure([process.execPath, bench.fetchProgram, bench.work, String(connections), how, ...pairs])
}

/** `curl -Z --parallel-immediate`: without the second flag, it starts one transfer after another. */
export function curlCommand(
  bench: BenchmarkRun,
  from: string,
  images: readonly BenchmarkImage[] = bench.images,
): string {
  const targets = images.map(({ name }) => `-o ${bench.work}/${name} ${from}/${name}`).join(' ')
  return `curl -sS -Z --parallel-immediate --parallel-max 50 ${targets} 2>/dev/null`
}

/** Hashes with openssl in as many processes as there are processors, because Debian's sha256sum does not use SHA-NI. */
export function opensslCommand(paths: readonly string[], processes = 2): string {
  return `printf '%s\\n' ${paths.join(' ')} | xargs -P${processes} -n1 openssl dgst -sha256 -r`
}

export function shell(script: string): Promise<Measured> {
  return measure(['bash', '-o', 'pipefail', '-c', script])
}

/** Fails the benchmark if a baseline produced wrong bytes. */
export function checkDigests(bench: BenchmarkRun, output: string): void {
  for (const { sha256, name } of bench.images) {
    if (!output.includes(sha256)) throw new Error(`The baseline did not verify ${name}.`)
  }
}

export function fetched(images: readonly BenchmarkImage[], work: string): readonly string[] {
  return images.map(({ name }) => `${work}/${name}`)
}
