// Estimates the duration of a plan from the durations of past steps. Steps that run at the same time count once.
import type { Limits } from '../manifest/manifest.ts'
import type { PlannedSteps } from '../plan/plan.ts'
import type { StepKind } from '../plan/step.ts'
import { laneWidth } from './lanes.ts'

export interface EstimateInput {
  readonly durations: ReadonlyMap<StepKind, number>
  readonly limits: Limits
}

/**
 * Estimates the duration of a plan by simulating it: each step starts when the steps it needs are done and its lanes
 * have a free place, in the order of the plan.
 * @returns milliseconds, or undefined if a kind of step has never run
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

/** Returns the place in a lane that becomes free first. */
function slotOf(
  name: string,
  { lanes, limits }: { readonly lanes: Map<string, number[]>; readonly limits: Limits },
): Slot {
  const width = Math.min(laneWidth(name, limits).first, MOST_AT_ONCE)
  const lane = lanes.get(name) ?? Array.from({ length: width }, () => 0)
  lanes.set(name, lane)
  const freeAtMs = Math.min(...lane)
  return { lane, index: lane.indexOf(freeAtMs), freeAtMs }
}

const MOST_AT_ONCE = 64
