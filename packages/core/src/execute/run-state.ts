// State that the steps of one run share.

export interface GuestRow {
  readonly type?: string
  readonly vmid?: number
  readonly node?: string
  readonly name?: string
  readonly tags?: string
  readonly lock?: string
  readonly hastate?: string
}

/** The next listing, and the time of the last one. */
export interface ListingRound {
  next: Promise<readonly GuestRow[]> | undefined
  askedAtMs: number
}

/** State that the steps of one run share. */
export interface RunState {
  /** Ids that this run has taken or is about to take. They do not belong to another run. */
  readonly claims: Set<number>
  readonly listing: ListingRound
}

export function createRunState(): RunState {
  return { claims: new Set(), listing: { next: undefined, askedAtMs: Number.NEGATIVE_INFINITY } }
}
