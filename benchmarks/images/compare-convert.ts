// Conversion of compressed qcow2 to raw, compared with qemu-img as users call it.
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from '../support/bundle.ts'
import { type Figure, figure } from '../support/figures.ts'
import { interleave, measure } from '../support/measure.ts'
import type { BenchmarkRun } from './benchmark-run.ts'

/** The targets of the wall time against `qemu-img convert`, plain and with its own threads. */
const TARGETS = { zlib: [0.55, 1], zstd: [1, 1] } as const
const [PLAIN, THREADED] = ['qemu-img convert -O raw', 'qemu-img convert -m 16 -W'] as const

export async function compareConvert(bench: BenchmarkRun): Promise<readonly Figure[]> {
  const from = bench.images[0]?.path ?? ''
  const zstd = join(bench.work, 'zstd.qcow2')
  execFileSync('qemu-img', ['convert', '-c', '-O', 'qcow2', '-o', 'compression_type=zstd', from, zstd])
  return [...(await compareOne(bench, 'zlib', from)), ...(await compareOne(bench, 'zstd', zstd))]
}

async function compareOne(bench: BenchmarkRun, type: keyof typeof TARGETS, from: string): Promise<readonly Figure[]> {
  const plain = join(bench.work, 'plain.raw')
  const ours = join(bench.work, 'ours.raw')
  const program = bundle(join(import.meta.dirname, 'convert.js'))
  const results = await interleave(
    {
      ours: () => measure([process.execPath, program, from, ours]),
      [PLAIN]: () => measure(['qemu-img', 'convert', '-O', 'raw', from, plain]),
      [THREADED]: () => measure(['qemu-img', 'convert', '-m', '16', '-W', '-O', 'raw', from, plain]),
    },
    { runs: bench.runs, before: () => undefined },
  )
  execFileSync('cmp', [ours, plain])
  const allocated = (path: string): number => statSync(path).blocks * 512
  const what = `compressed qcow2 (${type}) to raw`
  const against = (name: typeof PLAIN | typeof THREADED, target: number): Figure =>
    figure({
      name: `${what}: wall`,
      unit: 's',
      values: results.ours.map(({ wallSeconds }) => wallSeconds),
      baseline: { name, values: results[name].map(({ wallSeconds }) => wallSeconds) },
      target,
      note: 'same bytes, compared',
    })
  return [
    against(PLAIN, TARGETS[type][0]),
    against(THREADED, TARGETS[type][1]),
    figure({
      name: `${what}: largest process`,
      unit: 'MiB',
      values: results.ours.map(({ peakMiB }) => peakMiB),
      target: 200,
    }),
    figure({
      name: `${what}: disk used`,
      unit: 'MiB',
      values: [allocated(ours) / 1024 ** 2],
      baseline: { name: PLAIN, values: [allocated(plain) / 1024 ** 2] },
      target: 1.05,
    }),
  ]
}
