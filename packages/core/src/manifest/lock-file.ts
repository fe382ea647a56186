// The lock file: which bytes each image is, exactly.
import type { Digest, ImageFormat } from './manifest.ts'

export interface LockedImage {
  readonly url: string
  readonly resolvedUrl: string
  readonly digest: Digest
  readonly sizeBytes?: number
  readonly format?: ImageFormat
  readonly virtualSizeBytes?: number
  readonly signature: 'verified' | 'not asked for'
  /** ISO time. */
  readonly pinnedAt: string
}

export interface LockFile {
  readonly images: Readonly<Record<string, LockedImage>>
}
