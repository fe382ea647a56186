// Conversion of compressed qcow2 to raw, compared with qemu-img as users call it.
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from '../support/bundle.ts'
import { type Figure, figure } from '../support/figures.ts'
import { interleave, measure } from '../support/measure.ts'
import type { BenchmarkRun } from './benchmark-run.ts'

export async function compareConvert(bench: BenchmarkRun): Promise<readonly Figure[]> {
  const from = bench.images[0]?.path ?? ''
  const plain = join(bench.work, 'plain.raw')
  const ours = join(bench.work, 'ours.raw')
  const program = bundle(join(import.meta.dirname, 'convert.js'))
  const results = await interleave(
    {
      ours: () => measure([process.execPath, program, from, ours]),
      'qemu-img convert -O raw': () => measure(['qemu-img', 'convert', '-O', 'raw', from, plain]),
      'qemu-img convert -m 16 -W': () => measure(['qemu-img', 'convert', '-m', '16', '-W', '-O', 'raw', from, plain]),
    },
    { runs: bench.runs, before: () => undefined },
  )
  execFileSync('cmp', [ours, plain])
  const allocated = (path: string): number => statSync(path).blocks * 512
  const against = (name: Exclude<keyof typeof results, 'ours'>, target: number): Figure =>
    figure({
      name: 'compressed qcow2 to raw: wall',
      unit: 's',
      values: results.ours.map(({ wallSeconds }) => wallSeconds),
      baseline: { name, values: results[name].map(({ wallSeconds }) => wallSeconds) },
      target,
      note: 'same bytes, compared',
    })
  return [
    against('qemu-img convert -O raw', 0.55),
    against('qemu-img convert -m 16 -W', 1),
    figure({
      name: 'compressed qcow2 to raw: largest process',
      unit: 'MiB',
      values: results.ours.map(({ peakMiB }) => peakMiB),
      target: 200,
    }),
    figure({
      name: 'compressed qcow2 to raw: disk used',
      unit: 'MiB',
      values: [allocated(ours) / 1024 ** 2],
      baseline: { name: 'qemu-img convert -O raw', values: [allocated(plain) / 1024 ** 2] },
      target: 1.05,
    }),
  ]
}
