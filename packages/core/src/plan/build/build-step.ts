// Defines the step that builds an image.
import type { StorageRef } from '../../ports/pve/pve.ts'

/** Template → template: a clone of the base image's template is booted once with a recipe. */
export interface BuildStep {
  readonly kind: 'build'
  readonly image: string
  /** The base image. */
  readonly from: string
  readonly at: StorageRef
  /** Where the ISO with the recipe's documents is uploaded. */
  readonly cdAt: StorageRef
  readonly name: string
  /** 16 hex digits of the base image and the recipe. */
  readonly base: string
  /** What the recipe does, as clauses. */
  readonly does: string
  /** The step whose result is the template. Absent if the build is kept. */
  readonly templateFrom?: string
  readonly linked: boolean
  /** The machine whose hardware and network the build uses. */
  readonly like: string
  /** Lanes to hold only while it is cloned. */
  readonly cloneLanes: readonly string[]
}
