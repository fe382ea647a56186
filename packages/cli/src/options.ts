// The options that most commands share.

export interface CommonOptions {
  readonly file: string
  readonly json?: boolean
  readonly refresh?: boolean
  readonly verbose?: boolean
  readonly color: boolean
}
