// What planning one machine needs to know, and where its steps and problems go.

import type { ProvisionError } from '../../errors.ts'
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired, Machine } from '../../manifest/manifest.ts'
import type { Verdict } from '../compare/compare-machine.ts'
import type { RolloutPlanner } from '../day-two/rollout.ts'
import type { ImagePlanner } from '../plan-image.ts'
import type { AddressBook } from '../problems/address-problems.ts'
import type { Step } from '../step.ts'

export interface MachinePlanner {
  readonly desired: Desired
  readonly facts: Facts
  /** The machines of the project that are there, by name: more than one is one too many. */
  readonly guests: ReadonlyMap<string, readonly GuestFacts[]>
  readonly addresses: AddressBook
  readonly images: ImagePlanner
  /** The node it is on, or is made on. */
  readonly node: string
  /** Steps of this machine that come before all others of it. */
  readonly after?: readonly string[] | undefined
  readonly replaced: ReadonlySet<Machine>
  readonly rollouts: RolloutPlanner
  /** Restart machines for which something waits. */
  readonly restart: boolean
  /** Move machines to the node that the manifest names. */
  readonly move: boolean
  readonly allowNamesake: boolean
  /** Ids of the range that nobody has yet; new machines and templates take them. */
  readonly ids: { left: number }
  readonly verdicts: Map<string, Verdict>
  /** Adds a step, and returns its id. */
  readonly add: (step: Step) => string
  /** Notes all that is sure to fail about a step. */
  readonly report: (step: string, problems: readonly ProvisionError[]) => void
}

/** The first of several problems, for the step that fails with it. */
export function problemOf([problem]: readonly ProvisionError[]): { readonly problem?: ProvisionError } {
  return problem === undefined ? {} : { problem }
}
