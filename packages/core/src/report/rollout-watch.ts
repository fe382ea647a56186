// Follows the rollouts of a run by its events, for programs that display a run: batch, machines done and left.
import type { ProvisionEvent } from '../events.ts'
import { nameList } from '../plan/name-list.ts'
import type { Plan } from '../plan/plan.ts'
import type { Step } from '../plan/step.ts'
import type { OutcomeStatus } from './report.ts'
import { countText } from './units.ts'

/** Follows the events of a run and describes its roll-outs. */
export interface RolloutWatch {
  /** Takes the next event. Returns a sentence when a batch begins, for a log. `nowMs` is of any steady clock. */
  follow(event: ProvisionEvent, nowMs: number): string | undefined
  /** Returns a line for each rollout that is in progress. */
  lines(nowMs: number): readonly string[]
}

interface Rollout {
  readonly id: string
  /** The entries of the manifest whose machines it concerns. */
  readonly entries: readonly string[]
  /** The names of the machines in each batch. */
  readonly batches: readonly (readonly string[])[]
  /** The steps of each machine that have not ended. */
  readonly rest: Map<string, Set<string>>
  readonly failed: Set<string>
  /** Machines whose turn did not come, because the rollout stopped. */
  readonly skipped: Set<string>
  /** When each batch began. */
  readonly beganMs: number[]
}

/** Creates a watch. Rollouts of a single machine are not worth a line. */
export function createRolloutWatch(): RolloutWatch {
  let rollouts: readonly Rollout[] = []
  const of = ({ gate }: Step) => rollouts.find(({ id }) => id === gate?.rollout)
  return {
    follow(event, nowMs) {
      if (event.type === 'planned') rollouts = rolloutsOf(event.plan)
      if (event.type === 'settled') settle(of(event.outcome.step), event.outcome.step, event.outcome.status)
      if (event.type !== 'started' || event.step.gate === undefined) return undefined
      const rollout = of(event.step)
      if (rollout === undefined || event.step.gate.batch <= rollout.beganMs.length) return undefined
      rollout.beganMs.push(nowMs)
      return textOf(rollout, { nowMs, names: true })
    },
    lines: (nowMs) => rollouts.filter(isInProgress).map((rollout) => textOf(rollout, { nowMs, names: false })),
  }
}

function rolloutsOf({ steps }: Plan): readonly Rollout[] {
  const gated = steps.filter(({ action, gate }) => action === 'run' && gate !== undefined)
  return [...Map.groupBy(gated, ({ gate }) => gate?.rollout ?? '')].flatMap(([id, own]) => {
    const machines = Map.groupBy(own, machineOf)
    if (machines.size < 2) return []
    const batches = Map.groupBy(own, ({ gate }) => gate?.batch ?? 1)
    return {
      id,
      entries: [...new Set(own.flatMap(({ gate }) => gate?.entry ?? []))],
      batches: [...batches.values()].map((batch) => [...new Set(batch.map(machineOf))]),
      rest: new Map([...machines].map(([name, its]) => [name, new Set(its.map(({ id }) => id))])),
      failed: new Set<string>(),
      skipped: new Set<string>(),
      beganMs: [],
    }
  })
}

function machineOf(step: Step): string {
  return 'machine' in step ? step.machine : step.id
}

function settle(rollout: Rollout | undefined, step: Step, status: OutcomeStatus): void {
  const name = machineOf(step)
  rollout?.rest.get(name)?.delete(step.id)
  if (status === 'failed') rollout?.failed.add(name)
  else if (status !== 'done' && status !== 'kept') rollout?.skipped.add(name)
}

function isInProgress({ beganMs, rest }: Rollout): boolean {
  return beganMs.length > 0 && [...rest.values()].some(({ size }) => size > 0)
}

interface Wording {
  readonly nowMs: number
  /** Name the machines of the batch. */
  readonly names: boolean
}

function textOf(rollout: Rollout, { nowMs, names }: Wording): string {
  const { entries, batches, beganMs, rest, failed, skipped } = rollout
  const machines = names ? ` (${nameList(batches[beganMs.length - 1] ?? [])})` : ''
  const isDone = ([name, { size }]: [string, Set<string>]) => size === 0 && !failed.has(name) && !skipped.has(name)
  const done = [...rest].filter(isDone).length
  const lost = failed.size === 0 ? '' : `, ${failed.size} failed`
  const leftMs = leftMsOf(rollout, nowMs)
  const left = leftMs === undefined ? '' : `, about ${roughText(leftMs)} left`
  return `${nameList(entries)}: batch ${beganMs.length} of ${batches.length}${machines}, ${done} of ${countText(rest.size, 'machine')} done${lost}${left}`
}

/** Estimates the rest by the batches so far. Returns `undefined` in the first batch. */
function leftMsOf({ beganMs, batches }: Rollout, nowMs: number): number | undefined {
  const [first = nowMs, last = nowMs] = [beganMs[0], beganMs.at(-1)]
  if (beganMs.length < 2) return undefined
  const eachMs = (last - first) / (beganMs.length - 1)
  return Math.max(0, eachMs - (nowMs - last)) + eachMs * (batches.length - beganMs.length)
}

/** An estimate in full minutes, or in steps of five seconds. */
function roughText(ms: number): string {
  return ms >= 90_000 ? `${Math.round(ms / 60_000)} min` : `${Math.max(5, Math.ceil(ms / 5_000) * 5)} s`
}
