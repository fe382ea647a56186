// Divides a rollout into batches, and decides when it stops. Machines of several entries share one rollout, so that
// an image that does not boot never reaches more machines at once than `batch` says.
import type { Machine } from '../../manifest/manifest.ts'
import type { Gate } from '../step.ts'

/** Assigns each machine a place in the rollout of all machines with the same `batch` and `maxFailures`. */
export interface RolloutPlanner {
  /** Takes the next place for the step with this id. Returns what the step must wait for. */
  gate(machine: Machine, stepId: string): Gate
}

/** A machine that moves and then restarts has two steps in one place. */
interface Turn {
  readonly name: string
  readonly steps: string[]
}

/** @param batch how many machines at the same time; overrides the manifest */
export function createRollouts(batch?: number): RolloutPlanner {
  const turns = new Map<string, Turn[]>()
  return {
    gate({ name, entry, rollout }, stepId) {
      const size = batch ?? rollout?.batch ?? 1
      const maxFailures = rollout?.maxFailures ?? 0
      const key = `${size}/${maxFailures}`
      const own = turns.get(key) ?? []
      turns.set(key, own)
      const known = own.findIndex((turn) => turn.name === name)
      const at = Math.floor((known < 0 ? own.length : known) / size)
      if (known < 0) own.push({ name, steps: [stepId] })
      else own[known]?.steps.push(stepId)
      const before = own.slice(0, at * size).flatMap(({ steps }) => steps)
      return { rollout: key, entry, before, maxFailures, batch: at + 1 }
    },
  }
}
