// Six images at once from a server without a limit: wall time and CPU time.
import { type Figure, figure } from '../support/figures.ts'
import { interleave } from '../support/measure.ts'
import { type BenchmarkRun, checkDigests, curlCommand, fetched, opensslCommand, ours, shell } from './benchmark-run.ts'

export async function compareFetch(bench: BenchmarkRun): Promise<readonly Figure[]> {
  const { vendor, images, work, runs } = bench
  const from = vendor.fast
  const fetchAndVerify = `${curlCommand(bench, from)} && ${opensslCommand(fetched(images, work))}`
  const results = await interleave(
    {
      'ours, into the store': () => ours(bench, { from, connections: 4 }),
      'ours, into files': () => ours(bench, { from, connections: 4, how: 'file' }),
      'curl, then openssl': async () => {
        const measured = await shell(fetchAndVerify)
        checkDigests(bench, measured.output)
        return measured
      },
      'curl, then openssl, then sync': () => shell(`${fetchAndVerify} && sync ${fetched(images, work).join(' ')}`),
    },
    { runs, before: () => bench.clear() },
  )
  const note = 'SHA-256 on both sides'
  const curl = { name: 'curl -Z --parallel-immediate, then openssl × 2' }
  const durable = { name: `${curl.name}, then sync` }
  const wall = (name: keyof typeof results) => results[name].map(({ wallSeconds }) => wallSeconds)
  const cpu = (name: keyof typeof results) => results[name].map(({ cpuSeconds }) => cpuSeconds)
  return [
    figure({
      name: '6 images, no limit: wall',
      unit: 's',
      values: wall('ours, into files'),
      baseline: { ...curl, values: wall('curl, then openssl') },
      target: 1,
      note,
    }),
    figure({
      name: '6 images, no limit: processor',
      unit: 's',
      values: cpu('ours, into files'),
      baseline: { ...curl, values: cpu('curl, then openssl') },
      target: 1.4,
      note,
    }),
    figure({
      name: '6 images, no limit, safe on disk: wall',
      unit: 's',
      values: wall('ours, into the store'),
      baseline: { ...durable, values: wall('curl, then openssl, then sync') },
      target: 1,
      note: `${note}, both synced`,
    }),
  ]
}
