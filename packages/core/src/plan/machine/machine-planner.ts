// The inputs and outputs for planning one machine.

import type { ProvisionError } from '../../errors.ts'
import type { Facts, GuestFacts } from '../../facts/facts.ts'
import type { Desired } from '../../manifest/manifest.ts'
import type { Verdict } from '../compare/compare-machine.ts'
import type { RolloutPlanner } from '../day-two/rollout.ts'
import type { ImagePlanner } from '../plan-image.ts'
import type { AddressBook } from '../problems/address-problems.ts'
import type { Step } from '../step.ts'

export interface MachinePlanner {
  readonly desired: Desired
  readonly facts: Facts
  /** The existing machines of the project by name. More than one with the same name is an error. */
  readonly guests: ReadonlyMap<string, readonly GuestFacts[]>
  readonly addresses: AddressBook
  readonly images: ImagePlanner
  /** The node where it is, or where it will be created. */
  readonly node: string
  /** Steps of this machine that must come first. */
  readonly after?: readonly string[] | undefined
  /** Drives that those steps move. */
  readonly moved?: readonly string[] | undefined
  /** By name. */
  readonly replaced: ReadonlySet<string>
  /** Outdated machines that stay, by name, with the reason. */
  readonly leftAlone: ReadonlyMap<string, string>
  readonly rollouts: RolloutPlanner
  /** Restart machines with pending changes. */
  readonly restart: boolean
  /** Move machines to the node in the manifest, and disks to its storage. */
  readonly move: boolean
  /** Remove disks that an apply has detached. */
  readonly prune: boolean
  readonly allowNamesake: boolean
  /** Number of free ids in the range. New machines and templates use them. */
  readonly ids: { left: number }
  readonly verdicts: Map<string, Verdict>
  /** Adds a step and returns its id. */
  readonly add: (step: Step) => string
  /** Records problems that will make a step fail. */
  readonly report: (step: string, problems: readonly ProvisionError[]) => void
}

/** Returns the first of several problems, for the step that fails with it. */
export function problemOf([problem]: readonly ProvisionError[]): { readonly problem?: ProvisionError } {
  return problem === undefined ? {} : { problem }
}
