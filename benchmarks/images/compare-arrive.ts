// Conversion of compressed qcow2 images to raw during the download, compared with afterwards, and with curl, openssl
// and qemu-img.
import { join } from 'node:path'
import { bundle } from '../support/bundle.ts'
import { type Figure, figure } from '../support/figures.ts'
import { interleave, measure } from '../support/measure.ts'
import { type BenchmarkRun, curlCommand, fetched, opensslCommand, shell } from './benchmark-run.ts'

const TOOLS = 'curl -Z, then openssl, then two qemu-img convert -m 16 -W at once'

export async function compareArrive(bench: BenchmarkRun): Promise<readonly Figure[]> {
  const program = bundle(join(import.meta.dirname, 'fetch-convert.js'))
  const from = bench.vendor.fast
  const pairs = bench.images.flatMap(({ name, sha256 }) => [`${from}/${name}`, sha256])
  const ours = (how: string) => measure([process.execPath, program, bench.work, how, ...pairs])
  const paths = fetched(bench.images, bench.work)
  const convert = `printf '%s\\n' ${paths.join(' ')} | xargs -P2 -I% qemu-img convert -m 16 -W -O raw % %.raw`
  const tools = `${curlCommand(bench, from)} && ${opensslCommand(paths)} && ${convert}`
  const results = await interleave(
    {
      along: () => ours('along'),
      after: () => ours('after'),
      tools: () => shell(tools),
      synced: () => shell(`${tools} && sync ${paths.flatMap((path) => [path, `${path}.raw`]).join(' ')}`),
    },
    { runs: bench.runs, before: () => bench.clear() },
  )
  const wall = (name: keyof typeof results) => results[name].map(({ wallSeconds }) => wallSeconds)
  const against = (baseline: string, name: keyof typeof results, note: string): Figure =>
    figure({
      name: '6 images fetched, verified and made raw: wall',
      unit: 's',
      values: wall('along'),
      baseline: { name: baseline, values: wall(name) },
      target: 0.75,
      note,
    })
  return [
    against('ours, each converted when it is here', 'after', 'both verify SHA-256, both synced'),
    against(TOOLS, 'tools', 'both verify SHA-256, only ours is synced'),
    against(`${TOOLS}, then sync`, 'synced', 'both verify SHA-256, both synced'),
    figure({
      name: 'the same: peak memory',
      unit: 'MiB',
      values: results.along.map(({ peakMiB }) => peakMiB),
      target: 250,
    }),
  ]
}
