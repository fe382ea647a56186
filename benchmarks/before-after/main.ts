// Before and after: the role as it is, as its issue proposes it, the best of Ansible, the best script, and
// pve-provision.
//
// Usage: npm run bench [-- --quick] [--runs N] [--json FILE] [--scenarios convert,limited] [--contestants NAME,…]
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { machine, publish } from '../support/figures.ts'
import { install, type Need } from '../support/install.ts'
import { makeImages } from '../support/make-images.ts'
import { serverVersion } from '../support/vendor-server.ts'
import { ansibleVersion, checkPlaybooks } from './contestants/ansible.ts'
import { writeDocument } from './document.ts'
import { figuresOf } from './figures.ts'
import { isComplete, type Results } from './questions.ts'
import { race } from './race.ts'
import { type Scenario, scenarios } from './scenarios.ts'
import { startPublisher } from './vendor.ts'

const NEEDS: readonly Need[] = [
  { package: 'nginx-light', programs: ['nginx'] },
  { package: 'qemu-utils', programs: ['qemu-img', 'qemu-io'] },
  { package: 'time', programs: ['time'] },
  { package: 'curl', programs: ['curl'] },
  { package: 'openssl', programs: ['openssl'] },
  { package: 'ansible', programs: ['ansible-playbook'] },
  { package: 'python3-proxmoxer', module: 'proxmoxer' },
  { package: 'python3-requests', module: 'requests' },
]
// Smaller than most vendors' images, so that a complete run takes about twenty minutes.
const SHAPES = {
  full: { count: 6, dataMiB: 240, virtualMiB: 2048 },
  quick: { count: 6, dataMiB: 110, virtualMiB: 512 },
}
/** Fewer runs do not give a range. */
const FEWEST_RUNS = 3
const LAP_LIMIT_MS = { full: 300_000, quick: 120_000 }

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    runs: { type: 'string' },
    scenarios: { type: 'string', default: 'convert,limited' },
    contestants: { type: 'string', default: '' },
  },
})
const size = values.quick ? 'quick' : 'full'
const runs = Number(values.runs ?? (values.quick ? 1 : FEWEST_RUNS))

const lacking = install(NEEDS)
if (lacking !== undefined) {
  console.error(lacking)
  process.exit(1)
}
const cache = join(process.cwd(), '.cache', 'benchmarks')
const folder = join(cache, `before-after-${process.pid}`)
sweep(cache)
const conditions = { machine: machine(), load: loadavg()[0] ?? 0, beganAt: new Date() }
console.error(`${conditions.machine}, load ${conditions.load.toFixed(2)}`)
const results: { -readonly [Name in keyof Results]: Results[Name] } = {}
const chosen = choose()
const images = makeImages(join(cache, `images-before-after-${size}`), SHAPES[size])
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`stopped by ${name}`)))
mkdirSync(join(folder, 'vendor'), { recursive: true })
const publisher = await startPublisher(join(folder, 'vendor'), images)
try {
  checkPlaybooks(folder)
  for (const scenario of chosen) {
    console.error(`${scenario.title}:`)
    const course = { publisher, folder, runs, lapLimitMs: LAP_LIMIT_MS[size], signal: stop.signal }
    results[scenario.name] = await race(scenario, course)
  }
} finally {
  await publisher.stop()
  rmSync(folder, { recursive: true, force: true })
  if (stop.signal.aborted) {
    console.error('Stopped; everything that was started is ended.')
    process.exit(130)
  }
}

const sizes = images.map(({ bytes }) => Math.round(bytes / 1024 ** 2))
const tools = [serverVersion().replace(/^.*: /, ''), ansibleVersion()].join(', ')
publish({ runs, figures: figuresOf(results), notes: notes() }, values.json)
const hasEverything =
  chosen.length === scenarios.length && values.contestants === '' && !values.quick && runs >= FEWEST_RUNS
if (hasEverything && chosen.every(({ name }) => results[name]?.every(isComplete))) {
  writeDocument({ ...conditions, runs, sizes, tools, results })
  console.error('\nWritten: docs/performance.md, docs/images/before-and-after.svg')
} else {
  console.error(
    '\ndocs/performance.md is as it was: it is written after a whole run of three rounds or more in which everybody got through.',
  )
}

function choose(): readonly Scenario[] {
  const names = values.scenarios.split(',')
  const who = values.contestants.split(',').filter((name) => name !== '')
  const wanted = scenarios
    .filter(({ name }) => names.includes(name))
    .map((scenario) => ({
      ...scenario,
      contestants: scenario.contestants.filter(({ name }) => who.length === 0 || who.includes(name)),
    }))
    .filter(({ contestants }) => contestants.length > 0)
  if (wanted.length > 0) return wanted
  const known = new Set(scenarios.flatMap(({ contestants }) => contestants.map(({ name }) => name)))
  console.error(`Nothing of that name. Scenarios: convert, limited. Contestants: ${[...known].join(', ')}.`)
  process.exit(64)
}

function notes(): readonly string[] {
  return [
    `Load when it began: ${conditions.load.toFixed(2)}. ${tools}. Images: compressed qcow2 of ${sizes.join(', ')} MiB.`,
    ...(values.quick ? ['Quick mode: small images, one run. To see that everything works, not to compare.'] : []),
  ]
}

/** Removes what killed runs have left. */
function sweep(parent: string): void {
  mkdirSync(parent, { recursive: true })
  for (const name of readdirSync(parent)) {
    const [, pid] = /^before-after-(\d+)$/.exec(name) ?? []
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
