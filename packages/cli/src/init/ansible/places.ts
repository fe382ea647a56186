// Where the machines of a role go. A role names only one node, but a manifest needs more.

/** What the role does not contain, or only for a single node. */
export interface Places {
  readonly project: string
  readonly nodes: readonly string[]
  readonly imagesStorage: string
  readonly disksStorage: string
  readonly bridge: string
  /** True if the values are guesses: neither found on the cluster nor given. */
  readonly guessed: boolean
}
