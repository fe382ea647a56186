// Peak memory must not grow with the size of an image.
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Figure, figure } from '../support/figures.ts'
import type { BenchmarkImage } from '../support/make-images.ts'
import { interleave, measure } from '../support/measure.ts'
import { type BenchmarkRun, ours } from './benchmark-run.ts'

export async function compareMemory(bench: BenchmarkRun): Promise<readonly Figure[]> {
  const from = bench.vendor.fast
  const [small, large] = bench.isQuick ? [256, 1024] : [1024, 8192]
  const smallImage = await emptyImage(bench, small)
  const largeImage = await emptyImage(bench, large)
  const results = await interleave(
    {
      'six at once': () => ours(bench, { from, how: 'file' }),
      [`one of ${small} MiB`]: () => ours(bench, { from, how: 'file', images: [smallImage] }),
      [`one of ${large} MiB`]: () => ours(bench, { from, how: 'file', images: [largeImage] }),
      'node alone': () => measure([process.execPath, '-e', '0']),
    },
    { runs: Math.min(bench.runs, 3), before: () => bench.clear() },
  )
  const peak = (name: string): number[] => (results[name] ?? []).map(({ peakMiB }) => peakMiB)
  return [
    figure({ name: '6 images at once: peak memory', unit: 'MiB', values: peak('six at once'), target: 200 }),
    figure({
      name: `one image of ${large} MiB: peak memory`,
      unit: 'MiB',
      values: peak(`one of ${large} MiB`),
      target: 200,
    }),
    figure({
      name: `the same against one of ${small} MiB`,
      unit: 'MiB',
      values: peak(`one of ${large} MiB`),
      baseline: { name: `${small} MiB`, values: peak(`one of ${small} MiB`) },
      target: 1.1,
    }),
    figure({ name: 'Node itself: peak memory', unit: 'MiB', values: peak('node alone') }),
  ]
}

/** A file of zeros without disk space, because only the number of bytes matters here. */
export async function emptyImage({ images }: BenchmarkRun, mebibytes: number): Promise<BenchmarkImage> {
  const name = `zeros-${mebibytes}.raw`
  const path = join(dirname(images[0]?.path ?? ''), name)
  if (!existsSync(path)) execFileSync('truncate', ['-s', `${mebibytes}M`, path])
  const { output } = await measure(['openssl', 'dgst', '-sha256', '-r', path])
  return { name, path, bytes: statSync(path).size, sha256: output.slice(0, 64) }
}
