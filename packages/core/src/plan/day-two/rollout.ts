// Batches: which machines take their turn together, and when a roll-out stops.
import type { Machine } from '../../manifest/manifest.ts'
import type { Gate } from '../step.ts'

/** Gives each machine's turn its place in the roll-out of its entry. */
export interface RolloutPlanner {
  /** What the step with this id waits for; it takes the next place. */
  gate(machine: Machine, stepId: string): Gate
}

/** @param batch machines at once, in place of what the manifest says */
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
