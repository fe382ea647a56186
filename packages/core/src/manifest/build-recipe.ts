// The recipe of a built image, as the planner and the executor get it.

/** The recipe of a built image. */
export interface Build {
  readonly packages: readonly string[]
  /** Shell commands, run as root, in this order. */
  readonly run: readonly string[]
  readonly files: readonly BuildFile[]
  readonly userData?: string
  /** A network-config document for the build alone. Absent: DHCP. */
  readonly networkConfig?: string
  readonly diskBytes?: number
  readonly timeoutSeconds: number
}

export interface BuildFile {
  readonly path: string
  readonly content: string
  /** Octal, such as `0644`. */
  readonly mode: string
  /** `user:group`. */
  readonly owner?: string
}
