// What the readers of image formats answer.
import type { ImageFormat } from '../../manifest/manifest.ts'

/** What a reader of one format found: the image, or a clause that says why it cannot be used. */
export interface Finding {
  readonly format?: ImageFormat
  readonly virtualSizeBytes?: number
  /** The file cannot be whole with fewer bytes than this. */
  readonly minimumBytes?: number
  readonly refusal?: string
}
