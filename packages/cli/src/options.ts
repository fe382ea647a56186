// The options that most commands share.

export interface CommonOptions {
  readonly file: string
  /** The lock file, where it is not the one beside the manifest. */
  readonly lockFile?: string
  readonly json?: boolean
  readonly refresh?: boolean
  readonly verbose?: boolean
  readonly color: boolean
}
