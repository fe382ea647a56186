// Runs one contestant after the other, each on its own site, and all of them again in the next round.
import { execFileSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import type { Measured } from '../support/measure.ts'
import type { Job, WantedMachine } from './job.ts'
import type { Contestant, ContestantName, Lap, LapName, Scenario } from './scenarios.ts'
import { newSite, type Site } from './site.ts'
import type { Build, Publisher } from './vendor.ts'

export interface Course {
  readonly publisher: Publisher
  /** A separate folder. */
  readonly folder: string
  readonly runs: number
  /** Time limit of a lap. */
  readonly lapLimitMs: number
  readonly signal: AbortSignal
}

export interface LapResult {
  readonly contestant: ContestantName
  readonly lap: LapName
  readonly verifies: string
  /** One for each completed round. */
  readonly measured: readonly Measured[]
  readonly errors: readonly string[]
}

/** A failed lap is recorded, and so are those that depend on it. The other laps continue. */
export async function race(scenario: Scenario, course: Course): Promise<readonly LapResult[]> {
  const board = new Map<Lap, Mutable>()
  for (const { name, laps } of scenario.contestants) for (const lap of laps) board.set(lap, emptyResult(name, lap))
  for (let round = 0; round < course.runs; round += 1) {
    for (const contestant of scenario.contestants) {
      console.error(`  round ${round + 1} of ${course.runs}, ${contestant.name} (load ${loadavg()[0]?.toFixed(1)})`)
      await session({ contestant, scenario, course, board, isFirst: round === 0 })
    }
  }
  return [...board.values()]
}

interface Mutable extends LapResult {
  readonly measured: Measured[]
  readonly errors: string[]
}

function emptyResult(contestant: ContestantName, { name, verifies }: Lap): Mutable {
  return { contestant, lap: name, verifies, measured: [], errors: [] }
}

interface Session {
  readonly contestant: Contestant
  readonly scenario: Scenario
  readonly course: Course
  readonly board: ReadonlyMap<Lap, Mutable>
  /** Only the first round compares disks, because that takes long. */
  readonly isFirst: boolean
}

async function session({ contestant, scenario, course, board, isFirst }: Session): Promise<void> {
  const site = await newSite(join(course.folder, 'site'))
  let failed: string | undefined
  try {
    for (const lap of contestant.laps) {
      course.signal.throwIfAborted()
      const result = board.get(lap)
      const outcome = failed ?? (await attempt(lap, { site, scenario, course, isFirst }))
      if (typeof outcome !== 'string') result?.measured.push(outcome)
      else {
        result?.errors.push(outcome)
        failed = `not tried, because an earlier lap failed`
      }
      console.error(`    ${lap.name}: ${typeof outcome === 'string' ? outcome : inWords(outcome)}`)
    }
  } finally {
    await site.leave()
  }
}

interface Attempt extends Pick<Session, 'scenario' | 'course' | 'isFirst'> {
  readonly site: Site
}

/** @returns the measurement, or the error */
async function attempt(lap: Lap, { site, scenario, course, isFirst }: Attempt): Promise<Measured | string> {
  const { publisher, lapLimitMs } = course
  const build: Build = lap.name === 'one of six changed' ? 'next' : 'today'
  const job = jobFor(scenario, publisher, build)
  publisher.publish(build)
  await site.settle()
  // Unfinished writes of one contestant must not slow down the next.
  execFileSync('sync')
  try {
    const signal = AbortSignal.any([course.signal, AbortSignal.timeout(lapLimitMs)])
    const measured = await takeTime(lap, () => lap.run({ site, job, signal }))
    await site.expect(job.machines.map(({ name }) => name))
    if (isFirst && !lap.name.startsWith('warm')) await checkDisks(site, { job, publisher, build })
    return measured
  } catch (error) {
    course.signal.throwIfAborted()
    return error instanceof Error ? error.message : String(error)
  }
}

const SHORT_SECONDS = 3

/** A very short lap that changes nothing is run three times, and the median counts. */
async function takeTime(lap: Lap, run: () => Promise<Measured>): Promise<Measured> {
  const first = await run()
  if (!lap.name.startsWith('warm') || first.wallSeconds > SHORT_SECONDS) return first
  const all = [first, await run(), await run()].toSorted((one, other) => one.wallSeconds - other.wallSeconds)
  return all[1] ?? first
}

function inWords({ wallSeconds, cpuSeconds, peakMiB }: Measured): string {
  return `${wallSeconds.toFixed(2)} s, cpu ${cpuSeconds.toFixed(2)} s, ${peakMiB.toFixed(0)} MiB`
}

export const MACHINES = 9

function jobFor({ convert, limited }: Scenario, publisher: Publisher, build: Build): Job {
  const images = publisher.images.map(({ name }) => name)
  const machines = Array.from({ length: MACHINES }, (_, at) => machineOf(at, images))
  // One more machine with the image's new build. Existing machines stay as they are.
  const more = build === 'next' ? [machineOf(MACHINES, images.slice(0, 1))] : []
  return {
    vendor: limited ? publisher.limited : publisher.fast,
    convert,
    images,
    machines: [...machines, ...more],
  }
}

function machineOf(at: number, images: readonly string[]): WantedMachine {
  return { name: `machine-${at + 1}`, image: images[at % images.length] ?? '', vmid: 500 + at }
}

interface Expected {
  readonly job: Job
  readonly publisher: Publisher
  readonly build: Build
}

/** The disks of the first and the last machine must equal the vendor's image byte for byte. */
async function checkDisks(site: Site, { job, publisher, build }: Expected): Promise<void> {
  const checked = build === 'next' ? job.machines.slice(-1) : [job.machines[0], job.machines.at(-1)]
  for (const machine of checked) {
    if (machine === undefined) continue
    const source = publisher.images.find(({ name }) => name === machine.image)?.path(build) ?? ''
    const disk = await site.diskOf(machine.name)
    try {
      execFileSync('qemu-img', ['compare', '-q', source, disk])
    } catch (cause) {
      throw new Error(`The disk of ${machine.name} is not the vendor's image.`, { cause })
    }
  }
}
