// What the readers of image formats answer.
import type { ImageFormat } from '../../manifest/manifest.ts'

/** What a reader of one format found: the image, or a clause that says why it cannot be used. */
export interface Finding {
  readonly format?: ImageFormat
  readonly virtualSizeBytes?: number
  /** The file cannot be whole with fewer bytes than this. */
  readonly minimumBytes?: number
  readonly refusal?: string
  /** What to do instead, one sentence. */
  readonly hint?: string | undefined
  readonly archive?: Archive
  /** A clause that says why it may be no image, where nobody can tell. */
  readonly doubt?: string
}

export type Archive = 'tar' | 'zip'
