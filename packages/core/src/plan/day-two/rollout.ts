// Divides a rollout into batches, and decides when it stops.
import type { Machine } from '../../manifest/manifest.ts'
import type { Gate } from '../step.ts'

/** Assigns each machine a place in the rollout of its entry. */
export interface RolloutPlanner {
  /** Takes the next place for the step with this id. Returns what the step must wait for. */
  gate(machine: Machine, stepId: string): Gate
}

/** @param batch how many machines at the same time; overrides the manifest */
export function createRollouts(batch?: number): RolloutPlanner {
  const turns = new Map<string, string[]>()
  return {
    gate({ entry, rollout }, stepId) {
      const own = turns.get(entry) ?? []
      turns.set(entry, own)
      const size = batch ?? rollout?.batch ?? 1
      const before = own.slice(0, Math.floor(own.length / size) * size)
      own.push(stepId)
      return { before, maxFailures: rollout?.maxFailures ?? 0, batch: before.length / size + 1 }
    },
  }
}
