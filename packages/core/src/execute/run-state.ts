// What the steps of one run share.

export interface GuestRow {
  readonly type?: string
  readonly vmid?: number
  readonly node?: string
  readonly name?: string
  readonly tags?: string
  readonly lock?: string
}

/** The listing that is under way, and the one that follows it. */
export interface ListingRound {
  running: Promise<readonly GuestRow[]> | undefined
  next: Promise<readonly GuestRow[]> | undefined
}

/** What the steps of one run share. */
export interface RunState {
  /** The ids that this run has taken, or is about to: none of them is another run's. */
  readonly claims: Set<number>
  readonly listing: ListingRound
}

export function createRunState(): RunState {
  return { claims: new Set(), listing: { running: undefined, next: undefined } }
}
