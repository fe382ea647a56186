// A thousand machines on sixteen nodes: a complete process that plans and finds nothing to do.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MachineSeed } from '@pve-provision/simulator'
import { writeDescription } from '../../packages/core/src/facts/cluster/marker.ts'
import { baseOf } from '../../packages/core/src/plan/names.ts'
import { startCluster } from '../support/cluster.ts'
import { type Figure, figure, median } from '../support/figures.ts'
import { type Measured, measure } from '../support/measure.ts'
import { manifestOf, namesOf, type Vendor } from './manifest.ts'

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
  const walls = (results: readonly Measured[]) => results.map(({ wallSeconds }) => wallSeconds)
  return [
    figure({ name: '1,000 machines on 16 nodes, plan', unit: 's', values: walls(large.results), target: 3 }),
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
    machines: seeds(machines, vendor),
  })
  try {
    const environment = { ...cluster.environment, PVE_PROVISION_CACHE: join(folder, 'cache') }
    const command = (...words: readonly string[]) =>
      measure([process.execPath, CLI, ...words, '--file', manifest], { environment })
    const plan = () => command('plan', '--json', '--detailed-exitcode')
    await plan()
    await cluster.clear()
    const results: Measured[] = []
    for (let run = 0; run < runs; run += 1) {
      results.push(await plan())
      console.error(
        `  ${machines} machines: ${results.at(-1)?.wallSeconds.toFixed(2)} s, ${results.at(-1)?.peakMiB.toFixed(0)} MiB`,
      )
    }
    return { results, requests: (await cluster.counts()).total / runs }
  } finally {
    await cluster.stop()
  }
}

/** Machines as a run has left them. `plan --detailed-exitcode` fails the measurement if one were not as declared. */
function seeds(machines: number, { checksum }: Vendor): readonly MachineSeed[] {
  const base = baseOf({ digest: checksum as `sha256:${string}` }, 'as-is')
  return namesOf({ nodes: NODES, machines }).map((name, index) => ({
    vmid: 20_000 + index,
    node: /^on-(pve\d+)-/.exec(name)?.[1] ?? '',
    name,
    options: {
      cores: 2,
      memory: 1024,
      tags: 'bench;pve-provision',
      net0: `virtio=BC:24:11:${mac(index)},bridge=vmbr0`,
      ciuser: 'ops',
      ipconfig0: 'ip=dhcp',
    },
    description: writeDescription({ project: 'bench', name, kind: 'machine', image: 'small', base, spec: '' }),
    disks: [{ storage: 'local', bytes: 128 * 1024 ** 2 }],
  }))
}

function mac(index: number): string {
  const bytes = [index >> 16, index >> 8, index].map((value) => (value & 255).toString(16).padStart(2, '0'))
  return bytes.join(':').toUpperCase()
}
