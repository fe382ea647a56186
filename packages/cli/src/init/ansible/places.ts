// Where a role's machines go: it knows one node, and a manifest wants to know more.

/** What the role does not say, or says in words of a single node. */
export interface Places {
  readonly project: string
  readonly nodes: readonly string[]
  readonly imagesStorage: string
  readonly disksStorage: string
  readonly bridge: string
  /** Nobody looked, and nobody named them. */
  readonly guessed: boolean
}
