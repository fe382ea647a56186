// How long a plan should take, going by how long steps of its kinds took: what may run at once is counted once.
import type { Limits } from '../manifest/manifest.ts'
import type { PlannedSteps } from '../plan/plan.ts'
import type { StepKind } from '../plan/step.ts'
import { laneWidth } from './lanes.ts'

export interface EstimateInput {
  readonly durations: ReadonlyMap<StepKind, number>
  readonly limits: Limits
}

/**
 * Each step begins when its needs are done and there is room in its lanes, in the order of the plan.
 * @returns milliseconds; nothing where a kind of step was never seen
 */
export function estimateMs({ steps }: PlannedSteps, { durations, limits }: EstimateInput): number | undefined {
  const ends = new Map<string, number>()
  const lanes = new Map<string, number[]>()
  for (const { id, kind, needs, action, lanes: names } of steps) {
    if (action === 'keep') continue
    const ms = durations.get(kind)
    if (ms === undefined) return undefined
    const slots = names.map((name) => slotOf(name, { lanes, limits }))
    const ready = Math.max(0, ...needs.map((need) => ends.get(need) ?? 0))
    const begin = Math.max(ready, ...slots.map(({ freeAtMs }) => freeAtMs))
    for (const { lane, index } of slots) lane[index] = begin + ms
    ends.set(id, begin + ms)
  }
  return Math.max(0, ...ends.values())
}

interface Slot {
  readonly lane: number[]
  readonly index: number
  readonly freeAtMs: number
}

/** The place in a lane that is free first. */
function slotOf(
  name: string,
  { lanes, limits }: { readonly lanes: Map<string, number[]>; readonly limits: Limits },
): Slot {
  const width = Math.min(laneWidth(name, limits), MOST_AT_ONCE)
  const lane = lanes.get(name) ?? Array.from({ length: width }, () => 0)
  lanes.set(name, lane)
  const freeAtMs = Math.min(...lane)
  return { lane, index: lane.indexOf(freeAtMs), freeAtMs }
}

const MOST_AT_ONCE = 64
