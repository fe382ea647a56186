// Measures a run of the action that has nothing to do: the committed bundle in a separate process, with the simulator
// over TLS and the cache service in another process.
//
// Usage: npm run bench:action [-- --quick] [--json FILE] [--machines N]
import { parseArgs } from 'node:util'
import { callOf, manifest, surroundings, writeManifest } from '../../packages/action/test/support/given.ts'
import { newJob, runAction } from '../../packages/action/test/support/runner.ts'
import { removeTemporaryFolders } from '../../packages/action/test/support/temporary.ts'
import { figure, publish } from '../support/figures.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    machines: { type: 'string', default: '20' },
  },
})
const runs = values.quick ? 3 : 9
const around = await surroundings()
const text = manifest(around.vendor, { project: 'bench', count: Number(values.machines) })

interface Sample {
  readonly firstRequestMs: number
  readonly wallMs: number
  readonly requests: number
  /** Requests that do not concern a machine. */
  readonly clusterRequests: number
}

/** Each sample is a new job, which finds only the workflow's cache of the one before. */
async function sample(cache: 'true' | 'false'): Promise<Sample> {
  const job = newJob()
  writeManifest(job, text)
  const { requests } = around.simulator
  requests.clear()
  const beganAtMs = Date.now()
  const { exitCode, elapsedMs, log } = await runAction(callOf(around, job, { inputs: { cache } }))
  if (exitCode !== 0) throw new Error(`the action failed:\n${log}`)
  return {
    firstRequestMs: Math.min(...requests.recent.map(({ time }) => time)) - beganAtMs,
    wallMs: elapsedMs,
    requests: requests.total,
    clusterRequests: requests.recent.filter(({ path }) => !path.includes('/qemu/')).length,
  }
}

await sample('true') // creates the machines
await sample('true') // fills the cache
const cached: Sample[] = []
const uncached: Sample[] = []
for (let run = 0; run < runs; run++) {
  cached.push(await sample('true'))
  uncached.push(await sample('false'))
}

function compare(name: string, unit: string, key: keyof Sample, target: number) {
  const baseline = { name: 'no cache', values: uncached.map((one) => one[key]) }
  return figure({ name, unit, values: cached.map((one) => one[key]), baseline, target })
}

function measure(name: string, of: readonly Sample[], key: keyof Sample, target: number) {
  return figure({ name, unit: 'ms', values: of.map((one) => one[key]), target })
}

const count = `${values.machines} machines, nothing to do`
publish(
  {
    runs,
    figures: [
      measure('bundle start to first request, no cache', uncached, 'firstRequestMs', 400),
      measure('bundle start to first request, facts from the workflow’s cache', cached, 'firstRequestMs', 400),
      measure(`${count}: whole step, no cache`, uncached, 'wallMs', 2000),
      measure(`${count}: whole step, facts from the workflow’s cache`, cached, 'wallMs', 2000),
      compare(`${count}: requests about the cluster`, 'requests', 'clusterRequests', 0.5),
      compare(`${count}: all requests`, 'requests', 'requests', 0.5),
    ],
    notes: [
      'Simulator with latency `instant`: what a real server takes comes on top. Each machine’s configuration is read in every',
      'run, cached facts or not: that is how a change by somebody else is found. The last line cannot meet its target while',
      'there are more machines than facts; the line above is what the cache can save.',
    ],
  },
  values.json,
)
await around.close()
removeTemporaryFolders()
process.exit(0)
