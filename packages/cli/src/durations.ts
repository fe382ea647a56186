// Remembers how long steps of each kind took in past runs, so that a plan can show an estimate.
import { createHash } from 'node:crypto'
import type { Report, StepKind, World } from '@pve-provision/core'

export type Durations = ReadonlyMap<StepKind, number>

/** Weight of the newest run in the average. */
const WEIGHT = 0.5

export async function recallDurations({ journal, pve }: World): Promise<Durations> {
  const entry = await journal.recall(keyOf(pve)).catch(() => undefined)
  const known = Object.entries((entry?.value ?? {}) as Record<string, unknown>)
  return new Map(known.flatMap(([kind, ms]) => (typeof ms === 'number' && ms >= 0 ? [[kind as StepKind, ms]] : [])))
}

export async function rememberDurations({ outcomes }: Report, world: World): Promise<void> {
  const done = outcomes.filter(({ status }) => status === 'done')
  if (done.length === 0) return
  const known = await recallDurations(world)
  const kinds = Map.groupBy(done, ({ step }) => step.kind)
  const fresh = [...kinds].map(([kind, list]) => {
    const average = list.reduce((sum, { ms }) => sum + ms, 0) / list.length
    const before = known.get(kind)
    return [kind, Math.round(before === undefined ? average : before * (1 - WEIGHT) + average * WEIGHT)] as const
  })
  // If the cache cannot be written, only the estimate is lost. The report must not fail.
  await world.journal.record(keyOf(world.pve), Object.fromEntries([...known, ...fresh])).catch(() => undefined)
}

/** Servers differ in speed, so the durations of one say little about another. A hash: caches of workflows are shared. */
function keyOf({ endpoint }: World['pve']): string {
  return `durations:${createHash('sha256').update(endpoint).digest('hex').slice(0, 32)}`
}
