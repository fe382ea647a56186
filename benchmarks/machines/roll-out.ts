// A rollout of a quarter of the machines of one entry, on a large cluster: in batches of ten and one by one.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SimulatorOptions } from '@pve-provision/simulator'
import { polls, startCluster } from '../support/cluster.ts'
import { type Figure, figure } from '../support/figures.ts'
import { measure } from '../support/measure.ts'
import { currentBase, manifestWith, seedOf, type Vendor } from './manifest.ts'

const CLI = join(process.cwd(), 'packages/cli/dist/main.js')
const NODES = Array.from({ length: 16 }, (_, index) => `pve${index + 1}`)
const MACHINES = 200
const OUTDATED = 50

/** Half of a server's durations, so that one by one takes four minutes instead of eight. */
const LATENCY: NonNullable<SimulatorOptions['latency']> = {
  requestMs: 3,
  forkMs: 18,
  createMs: 100,
  cloneMs: 125,
  templateMs: 100,
  startMs: 600,
  stopMs: 500,
  shutdownMs: 3_000,
  destroyMs: 200,
  otherTaskMs: 60,
}

export interface RollOutQuestion {
  readonly vendor: Vendor
  readonly folder: string
}

export async function measureRollOut({ vendor, folder }: RollOutQuestion): Promise<readonly Figure[]> {
  const inBatches = await rollOut(10, { vendor, folder })
  const oneByOne = await rollOut(1, { vendor, folder })
  const name = `a rollout of ${OUTDATED} of ${MACHINES} machines on ${NODES.length} nodes`
  return [
    figure({
      name: `${name}, ten at once`,
      unit: 's',
      values: [inBatches.wallSeconds],
      baseline: { name: 'one by one', values: [oneByOne.wallSeconds] },
      target: 1 / 6,
      note: `${inBatches.retries} calls repeated for locks`,
    }),
    figure({
      name: `${name}, requests for each, polling aside`,
      unit: 'requests',
      values: [inBatches.requests / OUTDATED],
    }),
  ]
}

interface Ran {
  readonly wallSeconds: number
  readonly requests: number
  readonly retries: number
}

async function rollOut(batch: number, { vendor, folder: parent }: RollOutQuestion): Promise<Ran> {
  const folder = join(parent, `roll-out-${batch}`)
  mkdirSync(folder, { recursive: true })
  const manifest = join(folder, 'manifest.yaml')
  writeFileSync(
    manifest,
    manifestWith([`  web: { nodes: [${NODES.join(', ')}], count: ${MACHINES} }`], { vendor, start: true }),
  )
  const machines = Array.from({ length: MACHINES }, (_, index) => {
    const base = index < OUTDATED ? '0'.repeat(16) : currentBase(vendor)
    return seedOf({ name: `web-${index + 1}`, node: NODES[index % NODES.length] ?? '', index, base, running: true })
  })
  const cluster = await startCluster({ nodes: NODES, storages: [{ id: 'local' }], latency: LATENCY, machines })
  try {
    const environment = { ...cluster.environment, PVE_PROVISION_CACHE: join(folder, 'cache') }
    const words = ['apply', '--auto-approve', '--json', '--replace-outdated', '--batch', String(batch)]
    const { wallSeconds, output } = await measure([process.execPath, CLI, ...words, '--file', manifest], {
      environment,
    })
    const { steps, metrics } = JSON.parse(output) as Output
    const done = steps.filter(({ kind, status }) => kind === 'replace' && status === 'done')
    if (done.length !== OUTDATED) throw new Error(`${done.length} machines were replaced instead of ${OUTDATED}`)
    const counts = await cluster.counts()
    console.error(`  ${batch} at once: ${wallSeconds.toFixed(1)} s, ${counts.total} requests`)
    return { wallSeconds, requests: counts.total - polls(counts), retries: metrics.retries }
  } finally {
    await cluster.stop()
  }
}

interface Output {
  readonly steps: readonly { readonly kind: string; readonly status: string }[]
  readonly metrics: { readonly retries: number }
}
