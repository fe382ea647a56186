// The options that most commands share.

/** Where the manifest comes from. */
export interface ManifestOptions {
  /** Files and folders in order; `-` for standard input. */
  readonly file: readonly string[]
  /** `NAME=VALUE`. */
  readonly var?: readonly string[]
}

export interface CommonOptions extends ManifestOptions {
  /** The lock file, if it is not the one next to the manifest. */
  readonly lockFile?: string
  readonly json?: boolean
  readonly refresh?: boolean
  readonly verbose?: boolean
  readonly color: boolean
}

export const DEFAULT_FILE = 'pve-provision.yaml'

/** Formats the file names for a sentence. */
export function filesText({ file }: ManifestOptions): string {
  return file.map((name) => (name === '-' ? 'standard input' : name)).join(', ')
}
