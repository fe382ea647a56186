// State that the steps of one run share.

export interface GuestRow {
  readonly type?: string
  readonly vmid?: number
  readonly node?: string
  readonly name?: string
  readonly tags?: string
  readonly lock?: string
}

/** The request that is running, and the one that follows it. */
export interface ListingRound {
  running: Promise<readonly GuestRow[]> | undefined
  next: Promise<readonly GuestRow[]> | undefined
}

/** State that the steps of one run share. */
export interface RunState {
  /** Ids that this run has taken or is about to take. They do not belong to another run. */
  readonly claims: Set<number>
  readonly listing: ListingRound
}

export function createRunState(): RunState {
  return { claims: new Set(), listing: { running: undefined, next: undefined } }
}
