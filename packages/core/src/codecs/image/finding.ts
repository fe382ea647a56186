// The result type of the image format readers.
import type { ImageFormat } from '../../manifest/manifest.ts'

/** What a format reader found: the image, or a clause that says why it cannot be used. */
export interface Finding {
  readonly format?: ImageFormat
  readonly virtualSizeBytes?: number
  /** A complete file has at least this many bytes. */
  readonly minimumBytes?: number
  readonly refusal?: string
  /** What to do instead, as one sentence. */
  readonly hint?: string | undefined
  readonly archive?: Archive
  /** A clause that says why this may not be an image, if the bytes do not settle it. */
  readonly doubt?: string
}

export type Archive = 'tar' | 'zip'
