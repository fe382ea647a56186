// The second run, with everything already there: by recorded digest, and hashed again.
import { type Figure, figure } from '../support/figures.ts'
import { interleave } from '../support/measure.ts'
import { type BenchmarkRun, checkDigests, opensslCommand, ours, shell } from './benchmark-run.ts'

export async function compareAgain(bench: BenchmarkRun): Promise<readonly Figure[]> {
  const { vendor, images, runs } = bench
  bench.clear()
  await ours(bench, { from: vendor.fast })
  const results = await interleave(
    {
      'ours, found': () => ours(bench, { from: vendor.fast, how: 'find' }),
      'ours, hashed again': () => ours(bench, { from: vendor.fast, how: 'verify' }),
      'openssl in two processes': async () => {
        const measured = await shell(opensslCommand(images.map(({ path }) => path)))
        checkDigests(bench, measured.output)
        return measured
      },
    },
    { runs, before: () => undefined },
  )
  const downloaded = results['ours, found'].map(
    ({ output }) => (JSON.parse(output) as { bytesDownloaded: number }).bytesDownloaded,
  )
  return [
    figure({
      name: 'second run, by recorded digest: wall',
      unit: 's',
      values: results['ours, found'].map(({ wallSeconds }) => wallSeconds),
      target: 0.5,
      note: 'names and sizes looked at, no file read',
    }),
    figure({ name: 'second run, by recorded digest: fetched', unit: 'bytes', values: downloaded, target: 0 }),
    figure({
      name: 'second run, hashed again: wall',
      unit: 's',
      values: results['ours, hashed again'].map(({ wallSeconds }) => wallSeconds),
      baseline: {
        name: 'openssl × 2',
        values: results['openssl in two processes'].map(({ wallSeconds }) => wallSeconds),
      },
      target: 1.1,
      note: 'SHA-256 on both sides',
    }),
  ]
}
