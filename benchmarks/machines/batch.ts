// Many machines from one template on each of two nodes: as planned, compared with the same steps one after another.
import { join } from 'node:path'
import { createWorld, type Plan, parseManifest, prepare, type World } from '@pve-provision/core'
import { execute, makeDestroyPlan, observe } from '@pve-provision/core/advanced'
import { type Cluster, polls, startCluster } from '../support/cluster.ts'
import { type Figure, figure } from '../support/figures.ts'
import { manifestOf, type Vendor } from './manifest.ts'

const NODES = ['pve1', 'pve2']

export interface BatchQuestion {
  readonly machines: number
  readonly runs: number
  readonly vendor: Vendor
  readonly folder: string
}

export async function compareBatch({ machines, runs, vendor, folder }: BatchQuestion): Promise<readonly Figure[]> {
  const cluster = await startCluster({ nodes: NODES, storages: [{ id: 'local' }], latency: 'server' })
  const world = worldOf(cluster, join(folder, 'batch'))
  try {
    const { desired } = parseManifest({
      text: manifestOf({ vendor, nodes: NODES, machines, start: true }),
      file: 'bench.yaml',
    })
    const templates = parseManifest({ text: manifestOf({ vendor, nodes: NODES, machines: 2 }), file: 'bench.yaml' })
    console.error('  making the templates')
    await run(templates.desired, world, (plan) => plan)
    await removeMachines(desired, world)
    const results = { window: [] as Ran[], oneByOne: [] as Ran[] }
    for (let round = 0; round < runs; round += 1) {
      results.window.push(await measured(desired, { world, cluster }, (plan) => plan))
      results.oneByOne.push(await measured(desired, { world, cluster }, oneByOne))
    }
    return figures(machines, results)
  } finally {
    world.pve.close()
    await cluster.stop()
  }
}

type Desired = Parameters<typeof prepare>[0]

interface Ran {
  readonly wallSeconds: number
  readonly requests: number
  readonly retries: number
}

function figures(
  machines: number,
  { window, oneByOne }: Readonly<Record<'window' | 'oneByOne', readonly Ran[]>>,
): readonly Figure[] {
  const note = `no step failed; ${window.map(({ retries }) => retries).join(', ')} calls repeated for locks and workers`
  return [
    figure({
      name: `${machines} machines made and started, two nodes`,
      unit: 's',
      values: window.map(({ wallSeconds }) => wallSeconds),
      baseline: { name: 'the same steps one by one', values: oneByOne.map(({ wallSeconds }) => wallSeconds) },
      target: 0.25,
      note,
    }),
    figure({
      name: 'requests for each machine made and started, polling aside',
      unit: 'requests',
      values: window.map(({ requests }) => requests / machines),
      target: 6,
    }),
  ]
}

function worldOf({ endpoint, fingerprint, tokenId, tokenSecret }: Cluster, cacheDirectory: string): World {
  return createWorld({
    pve: { endpoints: [new URL(endpoint)], credentials: { tokenId, tokenSecret }, trust: { fingerprint } },
    cacheDirectory,
  })
}

async function measured(
  desired: Desired,
  { world, cluster }: { readonly world: World; readonly cluster: Cluster },
  change: (plan: Plan) => Plan,
): Promise<Ran> {
  const before = world.meter.read().retries
  const wallSeconds = await run(desired, world, change, () => cluster.clear())
  const counts = await cluster.counts()
  const ran = { wallSeconds, requests: counts.total - polls(counts), retries: world.meter.read().retries - before }
  console.error(
    `  ${wallSeconds.toFixed(1)} s, ${ran.requests} requests and ${polls(counts)} polls, ${ran.retries} repeats`,
  )
  await removeMachines(desired, world)
  return ran
}

/** Returns the seconds from the plan to the end of its steps. */
async function run(
  desired: Desired,
  world: World,
  change: (plan: Plan) => Plan,
  begin: () => Promise<void> = async () => undefined,
): Promise<number> {
  const prepared = await prepare(desired, world)
  await begin()
  const beganMs = performance.now()
  const outcomes = await execute(change(prepared.plan), { ...prepared, world })
  const wallSeconds = (performance.now() - beganMs) / 1000
  const failed = outcomes.filter(({ status }) => status !== 'done' && status !== 'kept')
  if (failed.length > 0) throw new Error(failed.map(({ step, error }) => `${step.id}: ${error?.message}`).join('\n'))
  return wallSeconds
}

/** Starts each machine after the one before has started. */
function oneByOne(plan: Plan): Plan {
  let previous: string | undefined
  const steps = plan.steps.map((step) => {
    if (step.kind !== 'create' && step.kind !== 'start') return step
    const needs = previous === undefined ? step.needs : [...new Set([...step.needs, previous])]
    previous = step.id
    return { ...step, needs }
  })
  return { ...plan, steps }
}

/** The templates stay. */
async function removeMachines(desired: Desired, world: World): Promise<void> {
  const facts = await observe({ ...desired, machines: [] }, world)
  const plan = makeDestroyPlan(desired, facts)
  await execute(
    { ...plan, steps: plan.steps.filter((step) => step.kind === 'destroy' && !step.template) },
    { desired, facts, world },
  )
}
