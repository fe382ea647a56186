// Upload of a large image to a simulated Proxmox in a separate process. Our memory is what matters.

import { startCluster } from '../support/cluster.ts'
import { type Figure, figure } from '../support/figures.ts'
import { interleave, measure } from '../support/measure.ts'
import type { BenchmarkRun } from './benchmark-run.ts'
import { emptyImage } from './compare-memory.ts'

export async function comparePush(bench: BenchmarkRun): Promise<readonly Figure[]> {
  bench.clear()
  const image = await emptyImage(bench, bench.isQuick ? 256 : 3072)
  const simulator = await startCluster({ dataDirectory: `${bench.work}/cluster`, nodes: ['pve1'], latency: 'laptop' })
  const push = (how: 'file' | 'stream', from: string) => () =>
    measure([process.execPath, `${import.meta.dirname}/push.js`, how, from, String(image.bytes), image.sha256], {
      environment: simulator.environment,
    })
  try {
    const results = await interleave(
      {
        'from the store': push('file', image.path),
        'from the vendor, no disk': push('stream', `${bench.vendor.fast}/${image.name}`),
      },
      { runs: Math.min(bench.runs, 3), before: () => undefined },
    )
    const size = `${Math.round(image.bytes / 1024 ** 2)} MiB`
    return Object.entries(results).map(([name, measured]) =>
      figure({
        name: `push of ${size} ${name}: peak memory`,
        unit: 'MiB',
        values: measured.map(({ peakMiB }) => peakMiB),
        target: 200,
        note: 'TLS, checksum by the receiver',
      }),
    )
  } finally {
    await simulator.stop()
  }
}
