// One and five thousand machines on sixteen nodes: complete processes that plan and find nothing to do, and that list.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startCluster } from '../support/cluster.ts'
import { type Figure, figure, median } from '../support/figures.ts'
import { type Measured, measure } from '../support/measure.ts'
import { manifestOf, seedsOf, type Vendor } from './manifest.ts'

const CLI = join(process.cwd(), 'packages/cli/dist/main.js')
const NODES = Array.from({ length: 16 }, (_, index) => `pve${index + 1}`)

export interface LargeQuestion {
  readonly runs: number
  readonly vendor: Vendor
  readonly folder: string
}

export async function measureLarge(question: LargeQuestion): Promise<readonly Figure[]> {
  const small = await plans(100, question)
  const large = await plans(1000, question)
  const huge = await plans(5000, question)
  const walls = (results: readonly Measured[]) => results.map(({ wallSeconds }) => wallSeconds)
  return [
    figure({ name: '1,000 machines on 16 nodes, plan', unit: 's', values: walls(large.results), target: 3 }),
    figure({ name: '1,000 machines on 16 nodes, list', unit: 's', values: walls(large.listed), target: 2 }),
    figure({
      name: '1,000 machines on 16 nodes, list, processor',
      unit: 's',
      values: large.listed.map(({ cpuSeconds }) => cpuSeconds),
    }),
    figure({
      name: '1,000 machines on 16 nodes, plan, memory',
      unit: 'MiB',
      values: large.results.map(({ peakMiB }) => peakMiB),
      target: 250,
    }),
    figure({
      name: 'plan, ten times the machines',
      unit: 's',
      values: walls(large.results),
      baseline: { name: '100 machines', values: walls(small.results) },
      target: 12,
    }),
    figure({
      name: 'plan, 5,000 machines',
      unit: 's',
      values: walls(huge.results),
      baseline: { name: '1,000 machines', values: walls(large.results) },
      target: 6,
    }),
    figure({
      name: '1,000 machines, plan, requests',
      unit: 'requests',
      values: [large.requests],
      target: 1010,
      note: `${median([small.requests])} for 100`,
    }),
  ]
}

async function plans(machines: number, { runs, vendor, folder: parent }: LargeQuestion) {
  const folder = join(parent, `large-${machines}`)
  mkdirSync(folder, { recursive: true })
  const manifest = join(folder, 'manifest.yaml')
  writeFileSync(manifest, manifestOf({ vendor, nodes: NODES, machines }))
  const cluster = await startCluster({
    nodes: NODES,
    storages: [{ id: 'local' }],
    latency: 'instant',
    // `plan --detailed-exitcode` fails the measurement if one were not as declared.
    machines: seedsOf({ vendor, nodes: NODES, machines }),
  })
  try {
    const environment = { ...cluster.environment, PVE_PROVISION_CACHE: join(folder, 'cache') }
    const command = (...words: readonly string[]) =>
      measure([process.execPath, CLI, ...words, '--file', manifest], { environment })
    const plan = () => command('plan', '--json', '--detailed-exitcode')
    await plan()
    await cluster.clear()
    const results: Measured[] = []
    const listed: Measured[] = []
    for (let run = 0; run < runs; run += 1) {
      results.push(await plan())
      console.error(
        `  ${machines} machines: ${results.at(-1)?.wallSeconds.toFixed(2)} s, ${results.at(-1)?.peakMiB.toFixed(0)} MiB`,
      )
    }
    const { total } = await cluster.counts()
    for (let run = 0; run < runs; run += 1) listed.push(await command('list'))
    return { results, listed, requests: total / runs }
  } finally {
    await cluster.stop()
  }
}
