// Remembers how long steps of each kind took in past runs, so that a plan can show an estimate.
import type { Report, StepKind, World } from '@pve-provision/core'

export type Durations = ReadonlyMap<StepKind, number>

const KEY = 'durations'
/** Weight of the newest run in the average. */
const WEIGHT = 0.5

export async function recallDurations({ journal }: World): Promise<Durations> {
  const entry = await journal.recall(KEY).catch(() => undefined)
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
  await world.journal.record(KEY, Object.fromEntries([...known, ...fresh])).catch(() => undefined)
}
