// A compressed image from a server with a limit: unpacked during the download, compared with unpacking afterwards and
// with a pipe.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { bundle } from '../support/bundle.ts'
import { type Figure, figure } from '../support/figures.ts'
import { interleave, measure } from '../support/measure.ts'
import { type BenchmarkRun, shell } from './benchmark-run.ts'

export async function compareUnpack(bench: BenchmarkRun): Promise<readonly Figure[]> {
  const packed = packOnce(bench.images[0]?.path ?? '')
  const hash = createHash('sha256')
  await pipeline(createReadStream(packed), hash)
  const sha256 = hash.digest('hex')
  const url = `${bench.vendor.limitedWhole}/${basename(packed)}`
  const program = bundle(join(import.meta.dirname, 'fetch-packed.js'))
  const ours = (how: string) => measure([process.execPath, program, bench.work, how, url, sha256])
  const out = join(bench.work, 'out.raw')
  const results = await interleave(
    {
      'ours, while it arrives': () => ours('along'),
      'ours, afterwards': () => ours('after'),
      'curl | tee openssl | xz': async () => {
        const measured = await shell(`curl -sS ${url} | tee >(openssl dgst -sha256 -r >&2) | xz -dc -T0 > ${out}`)
        return measured
      },
    },
    { runs: bench.runs, before: () => bench.clear() },
  )
  const wall = (name: keyof typeof results) => results[name].map(({ wallSeconds }) => wallSeconds)
  const name = 'raw.xz, 12 MiB/s, fetched and unpacked: wall'
  return [
    figure({
      name,
      unit: 's',
      values: wall('ours, while it arrives'),
      baseline: { name: 'ours, unpacked afterwards', values: wall('ours, afterwards') },
      target: 1,
      note: 'SHA-256 of both sides, synced, holes left',
    }),
    figure({
      name,
      unit: 's',
      values: wall('ours, while it arrives'),
      baseline: { name: 'curl | tee openssl | xz -dc', values: wall('curl | tee openssl | xz') },
      target: 1.1,
      note: 'the pipe has the digest of the packed side only, and keeps no packed file',
    }),
    figure({
      name: 'the same: peak memory',
      unit: 'MiB',
      values: results['ours, while it arrives'].map(({ peakMiB }) => peakMiB),
      target: 200,
    }),
  ]
}

function packOnce(image: string): string {
  const packed = join(dirname(image), 'packed.raw.xz')
  if (existsSync(packed)) return packed
  console.error('Making a raw.xz, once …')
  const raw = join(dirname(image), 'packed.raw')
  execFileSync('qemu-img', ['convert', '-O', 'raw', image, raw])
  execFileSync('sh', ['-c', `xz -1 -T0 -c ${raw} > ${packed}.part`])
  rmSync(raw)
  renameSync(`${packed}.part`, packed)
  return packed
}
